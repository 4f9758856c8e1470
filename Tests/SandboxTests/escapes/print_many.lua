-- One line is bounded.
-- expect: error too much to print
-- limits: memory=64MiB deadline=500ms

local s = ('x'):rep(1 << 20) local t = {} for i = 1, 20 do t[i] = s end print(table.unpack(t))
