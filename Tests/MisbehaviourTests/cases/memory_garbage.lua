-- Makes garbage as fast as it can, waiting in between.
-- trigger: get /memory_garbage 5 => 500
-- expect: errors timeout
-- limits: handler=1 seconds=1.3
local nightjar = require "nightjar"

nightjar.http.get("/memory_garbage", function()
  while true do
    for i = 1, 100 do local _ = ("x"):rep(10000) .. i end
    nightjar.sleep(0)
  end
end)
return {}
