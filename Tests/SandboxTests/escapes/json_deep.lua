-- Deep JSON is refused both ways.
-- expect: ok
-- limits: memory=64MiB deadline=2000ms

local json = require("nightjar").json
assert(json.decode(("["):rep(100000)) == nil)
local t = {}
local inner = t
for i = 1, 100000 do inner[1] = {} inner = inner[1] end
assert(json.encode(t) == nil)
