-- Waits where Lua cannot yield are errors.
-- expect: error not possible inside

table.sort({3, 2, 1}, function(a, b) require('nightjar').wait('x') return a < b end)
