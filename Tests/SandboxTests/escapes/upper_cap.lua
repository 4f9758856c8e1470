-- Common sizes work.
-- expect: ok

local s = ('x'):rep(1 << 20) assert(#s:upper() == #s)
