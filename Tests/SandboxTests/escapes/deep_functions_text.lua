-- Deep functions as well.
-- expect: ok
-- limits: deadline=500ms

assert(not load(('return function() '):rep(1000) .. ('end '):rep(1000)))
