-- Ends at the memory limit: state.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local state = require('nightjar').state local i = 0 while true do i = i + 1 state.set(i, ('x'):rep(100) .. i) end
