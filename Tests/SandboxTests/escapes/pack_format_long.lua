-- The format of pack and unpack is read letter by letter.
-- expect: error format too long
-- limits: memory=64MiB

local spaces = (" "):rep(4 << 20)
assert(not pcall(string.packsize, spaces))
assert(not pcall(string.pack, spaces))
return string.unpack(spaces, "")
