-- Nor with a separator.
-- expect: error too large

return ('x'):rep(1 << 20, ('y'):rep(1 << 20))
