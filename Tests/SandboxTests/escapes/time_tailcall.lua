-- Ends at its deadline: tailcall.
-- expect: timeout

local function f() return f() end f()
