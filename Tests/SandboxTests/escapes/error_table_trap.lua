-- The host reads error tables raw.
-- expect: error (no message)

error(setmetatable({code = 'x'}, {__index = function() while true do end end, __tostring = function() while true do end end}))
