-- gmatch has the budget too.
-- expect: error pattern too complex
-- limits: deadline=2000ms

for _ in ('a'):rep(40):gmatch(('a-'):rep(24) .. 'b') do end
