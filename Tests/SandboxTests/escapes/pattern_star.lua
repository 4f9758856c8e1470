-- The same with greedy repetition.
-- expect: error pattern too complex
-- limits: deadline=2000ms

('a'):rep(40):match(('a*'):rep(24) .. 'b')
