-- Patterns that are none.
-- expect: refused the path "/route_odd_patterns//:/**/%00/
local nightjar = require "nightjar"

nightjar.http.get("/route_odd_patterns//:/**/%00/" .. ("x"):rep(1 << 20), print)
return {}
