-- 30,000 calls of a function that never returns.
-- trigger: get /call_never_answered => 200 begun or 500
-- expect: error busy too many
-- limits: handler=1 seconds=1.5
local nightjar = require "nightjar"

nightjar.provide("call_never_answered.f", function() nightjar.event.wait("never") end)
nightjar.http.get("/call_never_answered", function()
  for i = 1, 30000 do
    nightjar.spawn(nightjar.call, "call_never_answered.f", i)
    if i % 1000 == 0 then nightjar.sleep(0) end
  end
  return "begun"
end)

return {}
