-- Ends at its deadline: state loop.
-- expect: timeout

local state = require('nightjar').state while true do state.set('x', 1) state.all() end
