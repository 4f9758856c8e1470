-- The same for utf8.char and string.char.
-- expect: error strings too large
-- limits: memory=64MiB

local s = ("0"):rep(8 << 20)
assert(not pcall(string.char, s, s, s))
return utf8.char(s, s, s)
