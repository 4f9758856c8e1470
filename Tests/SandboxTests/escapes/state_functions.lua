-- Keys of the state are plain; values are checked when they are carried.
-- expect: ok

local state = require('nightjar').state assert(state.set('x', print)) assert(state.get('x') == print) assert(not pcall(state.set, nil, 1)) assert(not pcall(state.set, {}, 1)) assert(not pcall(state.set, 0/0, 1))
