-- gsub has the budget too.
-- expect: error pattern too complex
-- limits: deadline=2000ms

('a'):rep(40):gsub(('a-'):rep(24) .. 'b', '')
