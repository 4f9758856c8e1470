-- all() is a copy.
-- expect: ok

local state = require('nightjar').state state.set('x', 1) local all = state.all() all.x = 2 all.y = 3 assert(state.get('x') == 1 and state.get('y') == nil)
