-- Calls the healthy neighbour's function as often as it can.
-- trigger: get /call_the_neighbour 3 => 500
-- expect: errors timeout
-- limits: handler=1 seconds=1.3
local nightjar = require "nightjar"

nightjar.http.get("/call_the_neighbour", function()
  while true do nightjar.call("neighbour.echo", { 1, 2, 3 }) end
end)

return {}
