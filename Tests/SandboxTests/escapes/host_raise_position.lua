-- The host's errors are Lua errors.
-- expect: error no way

require('nightjar').boom()
