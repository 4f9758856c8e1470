-- An array filled from its end, and one with holes.
-- expect: timeout
-- limits: memory=64MiB deadline=100ms

local json, a, b = require("nightjar").json, {}, {}
for i = 50000, 1, -1 do a[i] = i end
for i = 1, 50000 do b[2 * i] = i end
while true do
  json.encode(a)
  json.encode(b)
end
