-- Long names are shortened.
-- expect: ok

local f, e = load('x =', ('n'):rep(1 << 16)) assert(f == nil and #e < 300)
