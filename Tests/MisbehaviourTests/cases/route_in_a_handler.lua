-- Declares routes, endpoints and functions in a handler.
-- trigger: get /route_in_a_handler 3 => 200 false false false false
local nightjar = require "nightjar"

nightjar.http.get("/route_in_a_handler", function()
  return table.concat({
    tostring((pcall(nightjar.http.get, "/neighbour", print))), tostring((pcall(nightjar.websocket.endpoint, "/x", {}))),
    tostring((pcall(nightjar.provide, "neighbour.echo", print))), tostring((pcall(nightjar.subscribe, "x", print))),
  }, " ")
end)
return {}
