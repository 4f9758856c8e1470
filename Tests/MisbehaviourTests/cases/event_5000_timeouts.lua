-- 5,000 waits that time out at the same moment, with a short piece of work each.
-- trigger: get /event_5000_timeouts => 200 waiting
local nightjar = require "nightjar"

nightjar.http.get("/event_5000_timeouts", function()
  for _ = 1, 5000 do
    nightjar.spawn(function()
      nightjar.event.wait("never", 0.3)
      local text = {}
      for i = 1, 200 do text[i] = tostring(i) end
    end)
  end
  return "waiting"
end)

return {}
