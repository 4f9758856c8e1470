-- Garbage at the limit, beside much that is not.
-- expect: ends
-- limits: memory=16MiB

local kept, s = {}, ("a"):rep(1 << 20)
for i = 1, 60000 do kept[i] = { i } end
while true do local _ = s .. #kept end
