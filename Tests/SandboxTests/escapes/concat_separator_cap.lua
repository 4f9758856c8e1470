-- Separators count.
-- expect: error too large
-- limits: memory=64MiB deadline=2000ms

local s = ('x'):rep(1 << 20) return table.concat({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}, s)
