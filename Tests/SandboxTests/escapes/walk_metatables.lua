-- Metatables shared with the host are closed.
-- expect: ok

local function closed(value) return type(getmetatable(value)) ~= "table" end
assert(closed(""), "strings")
assert(closed(_G), "globals")
assert(closed(...), "connection")
local json = require("nightjar").json
assert(closed(json.raw("1")), "raw JSON")
assert(closed(json.null), "null")
assert(closed(print) and closed(1) and closed(nil) and closed(true) and closed(coroutine.create(print)))
