-- Odd sizes are errors.
-- expect: ok

assert(not pcall(string.pack, 'c99999999999999999999999', 'x')) assert(not pcall(string.pack, 'i17', 1)) assert(not pcall(string.unpack, 'i8', 'x'))
