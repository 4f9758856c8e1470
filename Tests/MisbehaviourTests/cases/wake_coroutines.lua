-- Coroutines that resume each other without a wait, for ever.
-- trigger: get /wake_coroutines => 500
-- expect: error timeout
local nightjar = require "nightjar"

nightjar.http.get("/wake_coroutines", function()
  local a, b
  a = coroutine.wrap(function() while true do coroutine.yield() end end)
  b = coroutine.wrap(function() while true do a() coroutine.yield() end end)
  while true do b() end
end)

return {}
