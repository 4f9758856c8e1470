-- Ends at its deadline: for step zero like.
-- expect: timeout

for i = 1, math.huge, 1e-300 do end
