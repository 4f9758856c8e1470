-- Deep constructors as well.
-- expect: ok
-- limits: deadline=500ms

assert(not load('return ' .. ('{'):rep(30000)))
