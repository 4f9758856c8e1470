-- Waits for 20,000 different events, named at length.
-- trigger: get /event_names_million => 200 waiting or 500
-- expect: error busy
local nightjar = require "nightjar"

nightjar.http.get("/event_names_million", function()
  for i = 1, 20000 do
    nightjar.spawn(nightjar.event.wait, ("name"):rep(50) .. i, 20)
    if i % 1000 == 0 then nightjar.sleep(0) end
  end
  return "waiting"
end)

return {}
