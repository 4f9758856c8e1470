-- Ends at its deadline: move back.
-- expect: timeout

table.move({}, 1, 1 << 60, 2)
