-- Sizes add up.
-- expect: error too large

return string.pack(('c1000000'):rep(100), ('x'):rep(100))
