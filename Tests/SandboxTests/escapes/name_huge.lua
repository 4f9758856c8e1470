-- A huge __name is only a long message.
-- expect: ok

local o = setmetatable({}, {__name = ('x'):rep(1 << 16)}) assert(#tostring(o) > 1 << 16) pcall(string.rep, o)
