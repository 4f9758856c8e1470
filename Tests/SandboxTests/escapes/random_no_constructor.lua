-- Scripts cannot make or key a generator.
-- expect: ok

local random = require('nightjar').random for name, value in pairs(random) do assert(name ~= 'seed' and name ~= 'new' and name ~= 'key') end
