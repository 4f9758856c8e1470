-- Loaded text has the same guard.
-- expect: error assignment to undeclared variable

load('leak = 1')()
