-- Two patterns for the same requests.
-- expect: refused is declared already as /route_two_names/:a at Scripts/route_two_names/main.lua:
local nightjar = require "nightjar"

nightjar.http.get("/route_two_names/:a", print)
nightjar.http.get("/route_two_names/:b", print)
return {}
