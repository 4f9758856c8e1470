-- Calls with arguments of megabytes that nobody takes.
-- trigger: get /memory_in_calls 3 => 500
-- limits: handler=1 growth=256
local nightjar = require "nightjar"

nightjar.provide("memory_in_calls.f", function() nightjar.event.wait("never") end)
nightjar.http.get("/memory_in_calls", function()
  for i = 1, 1000 do
    nightjar.spawn(nightjar.call, "memory_in_calls.f", ("x"):rep(500000) .. i)
    if i % 10 == 0 then nightjar.sleep(0) end
  end
end)
return {}
