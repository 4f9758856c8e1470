-- More than 200 locals are an error.
-- expect: ok

local s = '' for i = 1, 300 do s = s .. 'local a' .. i .. ' = 1 ' end assert(not load(s))
