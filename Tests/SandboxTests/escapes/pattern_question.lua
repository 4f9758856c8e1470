-- The same with optional items.
-- expect: error pattern too complex
-- limits: deadline=2000ms

('a'):rep(30):match(('a?'):rep(40) .. 'b')
