-- Loops at the ends of the integers.
-- expect: ok

local n = 0 for i = math.maxinteger - 1, math.maxinteger do n = n + 1 end assert(n == 2) for i = math.mininteger, math.mininteger + 1 do n = n + 1 end assert(n == 4)
