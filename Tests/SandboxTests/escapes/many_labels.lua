-- Labels are searched one by one: the text's size bounds it.
-- expect: ends
-- limits: deadline=100ms slack=400ms

local t = {} for i = 1, 9000 do t[i] = '::l' .. i .. '::' end load(table.concat(t))
