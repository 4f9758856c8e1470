-- A table that does not fit is refused before it is written to the end.
-- expect: ok
-- limits: memory=64MiB deadline=100ms

local json, t = require("nightjar").json, {}
for i = 1, 400000 do t[i] = {} end
local text, code = json.encode(t)
assert(text == nil and code == "invalid_json")
