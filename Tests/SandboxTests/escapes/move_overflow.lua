-- Ranges are checked.
-- expect: error

table.move({1}, math.mininteger, math.maxinteger, 1)
