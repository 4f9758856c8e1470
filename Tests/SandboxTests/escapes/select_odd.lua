-- Odd positions.
-- expect: ok

assert(not pcall(select, 0)) assert(select('#') == 0) assert(select(-1, 1, 2) == 2) assert(not pcall(select, -5, 1))
