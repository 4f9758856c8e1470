-- Ends at its deadline: for.
-- expect: timeout

for i = 1, math.maxinteger do end
