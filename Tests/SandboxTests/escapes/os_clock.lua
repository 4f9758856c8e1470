-- The harmless part of os is there.
-- expect: ok

assert(type(os.clock()) == 'number' and type(os.time()) == 'number' and os.difftime(2, 1) == 1)
