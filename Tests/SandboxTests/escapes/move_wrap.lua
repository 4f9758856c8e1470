-- Targets are checked.
-- expect: error

table.move({1, 2, 3}, 1, 3, math.maxinteger)
