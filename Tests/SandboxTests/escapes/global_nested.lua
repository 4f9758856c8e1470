-- Also deep inside.
-- expect: error assignment to undeclared variable

local function f() local function g() deep = 1 end g() end f()
