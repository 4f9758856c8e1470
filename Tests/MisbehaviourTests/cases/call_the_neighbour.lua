-- Calls the healthy neighbour's function as often as it can.
-- trigger: get /call_the_neighbour 3
-- expect: no errors
local nightjar = require "nightjar"

nightjar.http.get("/call_the_neighbour", function()
  while true do nightjar.call("neighbour.echo", { 1, 2, 3 }) end
end)

return {}
