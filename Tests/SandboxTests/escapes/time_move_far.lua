-- Ends at its deadline: move far.
-- expect: timeout

table.move({}, 1, math.maxinteger - 1, 2, {})
