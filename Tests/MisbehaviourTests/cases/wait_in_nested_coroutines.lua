-- Waits in a coroutine in a coroutine, 40 deep, 500 times.
-- trigger: get /wait_in_nested_coroutines => 200 done
-- limits: seconds=1.5
local nightjar = require "nightjar"

local function deep(n)
  if n == 0 then return nightjar.room("x"):count() end
  return coroutine.wrap(function() return deep(n - 1) end)()
end

nightjar.http.get("/wait_in_nested_coroutines", function()
  for _ = 1, 500 do deep(40) end
  return "done"
end)

return {}
