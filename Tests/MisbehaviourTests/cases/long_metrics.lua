-- A million figures, and names without an end.
-- trigger: get /long_metrics 3 => some 500
-- expect: errors timeout
-- limits: handler=1 seconds=1.3
local nightjar = require "nightjar"

nightjar.http.get("/long_metrics", function()
  for i = 1, 1000000 do
    pcall(nightjar.metrics.counter, "name" .. i)
    nightjar.metrics.histogram("h"):observe(i)
    if i % 500 == 0 then nightjar.sleep(0) end
  end
end)

return {}
