-- Deep blocks as well.
-- expect: ok
-- limits: deadline=500ms

assert(not load(('do '):rep(5000) .. ('end '):rep(5000)))
