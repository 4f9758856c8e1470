-- Only tables get metatables from scripts.
-- expect: error

setmetatable('x', {})
