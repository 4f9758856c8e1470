-- A huge message is only long.
-- expect: error

error(('x'):rep(1 << 20))
