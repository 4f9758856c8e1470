-- Cycles are refused.
-- expect: ok

local json = require('nightjar').json local t = {} t.t = t assert(json.encode(t) == nil)
