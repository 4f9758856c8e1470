-- NaN is no key.
-- expect: error

local t = {} t[0/0] = 1
