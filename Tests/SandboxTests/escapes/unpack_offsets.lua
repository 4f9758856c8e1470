-- Odd offsets are errors.
-- expect: ok

for _, p in ipairs({-100, 0, 100, math.maxinteger, math.mininteger}) do pcall(string.unpack, 'i4', 'abcdefgh', p) end
