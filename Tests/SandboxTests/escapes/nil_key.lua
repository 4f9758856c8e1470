-- nil is no key.
-- expect: error

local t = {} t[nil] = 1
