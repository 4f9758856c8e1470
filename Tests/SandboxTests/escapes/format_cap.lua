-- One format cannot either.
-- expect: error too large
-- limits: memory=64MiB deadline=2000ms

local s = ('x'):rep(1 << 23) return string.format('%s%s%s', s, s, s)
