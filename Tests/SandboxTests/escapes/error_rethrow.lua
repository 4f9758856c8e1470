-- Errors may be thrown again.
-- expect: error first

local ok, e = pcall(error, 'first', 0) error(e, 0)
