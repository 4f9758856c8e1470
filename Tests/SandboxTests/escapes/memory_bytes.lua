-- Ends at the memory limit: bytes.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local keep = {} local random = require('nightjar').random while true do keep[#keep + 1] = random.bytes(60000) end
