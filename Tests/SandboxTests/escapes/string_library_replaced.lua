-- A script may change its own library.
-- expect: ok

string.rep = function() return 'mine' end assert(('x'):rep(3) == 'mine')
