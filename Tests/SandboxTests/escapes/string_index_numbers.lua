-- Indexing a string reaches its library only.
-- expect: ok

local s = 'abc' assert(s[1] == nil and s.x == nil and s.upper ~= nil)
