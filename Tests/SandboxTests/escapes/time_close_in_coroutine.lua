-- Ends at its deadline: close in coroutine.
-- expect: timeout

local co = coroutine.wrap(function() local x <close> = setmetatable({}, {__close = function() while true do end end}) while true do end end) co()
