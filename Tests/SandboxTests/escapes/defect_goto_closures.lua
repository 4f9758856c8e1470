-- goto over captured variables.
-- expect: ok

local fs = {} do local i = 1 ::top:: local x = i fs[i] = function() return x end i = i + 1 if i <= 3 then goto top end end assert(fs[1]() == 1 and fs[3]() == 3)
