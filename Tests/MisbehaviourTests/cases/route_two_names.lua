-- Two patterns for the same requests.
-- expect: refused
local nightjar = require "nightjar"

nightjar.http.get("/route_two_names/:a", print)
nightjar.http.get("/route_two_names/:b", print)
return {}
