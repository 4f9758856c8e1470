-- Claims the route of the healthy neighbour.
-- expect: refused neighbour
local nightjar = require "nightjar"

nightjar.http.get("/route_of_the_neighbour/mine", print)
nightjar.websocket.endpoint("/neighbour", { message = function() end })
return {}
