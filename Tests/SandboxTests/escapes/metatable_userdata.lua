-- Host objects do not.
-- expect: error

setmetatable(..., {})
