-- Reaching the library through a string gives the same function.
-- expect: error pattern too complex
-- limits: deadline=2000ms

local s = 'a' return s:rep(40).find(s:rep(40), ('a-'):rep(24) .. 'b')
