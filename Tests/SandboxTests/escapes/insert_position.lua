-- Positions are checked.
-- expect: ok

assert(not pcall(table.insert, {1, 2}, 9, 9)) assert(not pcall(table.insert, {}, 1, 2, 3)) assert(not pcall(table.insert, {}))
