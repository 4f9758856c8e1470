-- The parser is out of reach of the time limit, so its input is bounded.
-- expect: ok

local f, e = load(('x = 1 '):rep(20000)) assert(f == nil and e == 'text to load is too long')
