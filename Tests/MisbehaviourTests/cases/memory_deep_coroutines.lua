-- A coroutine that resumes a coroutine that resumes one, without an end.
-- trigger: get /memory_deep_coroutines 3 => 200 false
local nightjar = require "nightjar"

nightjar.http.get("/memory_deep_coroutines", function()
  local function deep() return coroutine.wrap(deep)() end
  return tostring(pcall(deep))
end)
return {}
