-- Strings that are refused, in a heap that is nearly full: each time Lua collects before it gives up.
-- expect: ends
-- limits: memory=32MiB

local kept, s = {}, ("a"):rep(5 << 20)
for i = 1, 100000 do kept[i] = { i } end
while true do pcall(function() return s .. s end) end
