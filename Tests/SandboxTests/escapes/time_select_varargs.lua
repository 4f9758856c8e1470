-- Ends at its deadline: select varargs.
-- expect: timeout

local function f(...) return select('#', ...) end while true do f(1, 2, 3, 4) end
