-- An order that changes the table ends.
-- expect: ends
-- limits: deadline=500ms

local t = {} for i = 1, 500 do t[i] = i * 7 % 13 end table.sort(t, function(a, b) t[#t + 1] = 1 t[1] = nil return (a or 0) < (b or 0) end)
