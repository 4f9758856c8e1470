-- Drawing and shuffling much.
-- expect: timeout
-- limits: memory=64MiB

local random, t = require("nightjar").random, {}
for i = 1, 65536 do t[i] = i end
while true do
  random.shuffle(t)
  random.bytes(65536)
  random.sample(1 << 40, 65536)
end
