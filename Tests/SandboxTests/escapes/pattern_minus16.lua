-- Backtracking ends at the step budget.
-- expect: error pattern too complex
-- limits: deadline=2000ms

('a'):rep(40):find(('a-'):rep(24) .. 'b')
