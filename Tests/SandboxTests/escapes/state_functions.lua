-- What is no plain data, and bad keys, are refused where they are stored.
-- expect: ok

local state = require('nightjar').state local ok, why = pcall(state.set, 'x', print) assert(not ok and why:find('state.x is a function', 1, true)) assert(state.get('x') == nil) assert(not pcall(state.set, nil, 1)) assert(not pcall(state.set, {}, 1)) assert(not pcall(state.set, 0/0, 1))
