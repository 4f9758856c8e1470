-- Borders of sparse tables.
-- expect: ok

local t = {1, 2, nil, 4, [1 << 40] = 5} assert(#t == 4 or #t == 2)
