-- Ends at the memory limit: json.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local json = require('nightjar').json local keep = {} local text = '[' .. ('[1,2],'):rep(10000) .. '3]' while true do keep[#keep + 1] = json.decode(text) end
