-- One rep cannot hold a gigabyte.
-- expect: error too large

return ('x'):rep(1 << 30)
