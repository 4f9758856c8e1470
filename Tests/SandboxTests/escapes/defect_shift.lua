-- Shifts at the edges.
-- expect: ok

assert(1 << 64 == 0 and 1 << -1 == 0 and 1 >> 64 == 0 and -1 >> 63 == 1)
