-- Raises a table of 100,000 members, and one whose text takes for ever.
-- trigger: get /long_error_table/1 5 => some 500
-- trigger: get /long_error_table/2 5 => some 500
-- trigger: get /long_error_table/3 5 => some 500
local nightjar = require "nightjar"

local big = {}
for i = 1, 20000 do big[i] = { i } end
local errors = {
  big,
  setmetatable({}, { __tostring = function() while true do end end }), -- luacheck: ignore
  setmetatable({}, { __tostring = function() return ("x"):rep(8 << 20) end }),
}
nightjar.http.get("/long_error_table/:n", function(request) error(errors[tonumber(request.params.n)]) end)

return {}
