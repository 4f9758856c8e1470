-- 5,000 waiters of one event, woken at once, with half a millisecond of work each.
-- trigger: get /event_5000_waiters => 200 waiting
-- trigger: get /event_5000_waiters/go => 200 gone
local nightjar = require "nightjar"

nightjar.http.get("/event_5000_waiters", function()
  for _ = 1, 5000 do
    nightjar.spawn(function()
      nightjar.event.wait("go")
      local started = os.clock()
      while os.clock() - started < 0.0005 do end -- luacheck: ignore
    end)
  end
  return "waiting"
end)
nightjar.http.get("/event_5000_waiters/go", function()
  nightjar.event.notify("go")
  return "gone"
end)

return {}
