-- The same for readers.
-- expect: ok

local f, e = load(function() return ('x = 1 '):rep(100) end) assert(f == nil and tostring(e):find('too long'))
