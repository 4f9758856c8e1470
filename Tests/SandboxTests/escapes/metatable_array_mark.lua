-- An array mark may be replaced.
-- expect: ok

local json = require('nightjar').json local t = json.array({1}) setmetatable(t, {__index = t}) assert(t[1] == 1)
