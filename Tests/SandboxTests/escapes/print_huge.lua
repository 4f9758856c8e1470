-- Printing much.
-- expect: ends
-- limits: deadline=500ms

for i = 1, 100 do print(('x'):rep(1 << 18)) end
