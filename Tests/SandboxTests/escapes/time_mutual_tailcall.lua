-- Ends at its deadline: mutual tailcall.
-- expect: timeout

local f, g function f() return g() end function g() return f() end f()
