-- Ends at its deadline: random loop.
-- expect: timeout

local random = require('nightjar').random while true do random.integer(1, 6) end
