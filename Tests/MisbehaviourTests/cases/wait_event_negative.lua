-- Waits and sleeps for times that are none.
-- trigger: get /wait_event_negative => 200 false false false false false false false false
-- limits: handler=1
local nightjar = require "nightjar"

nightjar.http.get("/wait_event_negative", function()
  local text = {}
  for i, n in ipairs { -1, 0 / 0, -1 / 0, 1e300, 1 / 0, math.mininteger, math.maxinteger, 2 ^ 63 } do
    nightjar.spawn(function() pcall(nightjar.sleep, n) end)
    nightjar.spawn(function() pcall(nightjar.event.wait, "x", n) end)
    text[i] = tostring(pcall(nightjar.timer.after, n, print))
  end
  return table.concat(text, " ")
end)

return {}
