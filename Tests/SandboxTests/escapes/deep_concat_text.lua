-- A long chain of operators.
-- expect: ok
-- limits: deadline=500ms

pcall(load, 'return ' .. ('1 .. '):rep(10000) .. '1')
