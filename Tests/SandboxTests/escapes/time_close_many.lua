-- Ends at its deadline: close many.
-- expect: timeout

local function f(n) local x <close> = setmetatable({}, {__close = function() while true do end end}) if n > 0 then f(n - 1) end while true do end end f(100)
