-- Raw access is for tables.
-- expect: ok

assert(not pcall(rawset, '', 1, 2)) assert(not pcall(rawset, ..., 1, 2)) assert(not pcall(rawget, ..., 'data')) assert(not pcall(rawlen, 5))
