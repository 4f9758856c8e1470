-- Long numbers are read.
-- expect: ok

assert(tonumber('0x' .. ('f'):rep(1000))) assert(tonumber(('9'):rep(10000))) assert(tonumber('1e', 10) == nil) assert(not pcall(tonumber, 'z', 99))
