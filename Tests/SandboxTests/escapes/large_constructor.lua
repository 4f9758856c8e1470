-- Large constructors work.
-- expect: ok
-- limits: deadline=500ms

local t = load('return {' .. ('1,'):rep(20000) .. '}')() assert(#t == 20000)
