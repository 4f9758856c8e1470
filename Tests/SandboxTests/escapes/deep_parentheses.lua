-- Deep expressions are an error of the parser.
-- expect: ok
-- limits: deadline=500ms

local s = ('('):rep(10000) .. '1' .. (')'):rep(10000) assert(not load('return ' .. s))
