-- Sorting the keys of a large object.
-- expect: timeout
-- limits: memory=64MiB

local json, t = require("nightjar").json, {}
for i = 1, 40000 do t["k" .. i] = i end
while true do json.encode(t, { sort = true }) end
