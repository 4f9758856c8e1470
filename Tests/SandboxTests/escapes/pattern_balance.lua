-- A long unbalanced text is quadratic work.
-- expect: ends

return ('('):rep(20000):find('%b()')
