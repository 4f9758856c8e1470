-- One shuffle runs in C, out of reach of the limits.
-- expect: error too many elements
-- limits: memory=64MiB deadline=500ms

local t = {}
for i = 1, 200000 do t[i] = i end
require("nightjar").random.shuffle(t)
