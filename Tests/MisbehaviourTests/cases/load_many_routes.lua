-- Declares 100,000 routes.
-- expect: refused more than 2000 routes in this package
local nightjar = require "nightjar"

for i = 1, 100000 do nightjar.http.get("/load_many_routes/" .. i .. "/:x", print) end
return {}
