-- Loops over waits when it is loaded.
-- trigger: get /wait_in_on_ready/well => 200 well
-- expect: errors timeout
-- limits: handler=1 seconds=1.3
local nightjar = require "nightjar"

nightjar.http.get("/wait_in_on_ready/well", function() return "well" end)

return {
  on_ready = function()
    while true do nightjar.room("x"):count() end
  end,
}
