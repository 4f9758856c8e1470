-- A trap strikes where its author springs it.
-- expect: error trap

local e = setmetatable({}, {__index = function() error('trap') end}) e.x.y = 1
