-- Notifies 1,000 waiters again and again, and they wait again.
-- trigger: get /notify_storm => 200 begun
local nightjar = require "nightjar"

nightjar.http.get("/notify_storm", function()
  for _ = 1, 1000 do
    nightjar.spawn(function()
      while true do nightjar.event.wait("storm") end
    end)
  end
  nightjar.spawn(function()
    while true do
      nightjar.event.notify("storm", { 1, 2, 3 })
      nightjar.sleep(0)
    end
  end)
  return "begun"
end)

return {}
