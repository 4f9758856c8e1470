-- Coroutines by the million, none of them ever resumed again.
-- trigger: get /memory_coroutines 3 => 500
local nightjar = require "nightjar"

nightjar.http.get("/memory_coroutines", function()
  local all = {}
  while true do
    local co = coroutine.wrap(function() coroutine.yield() end)
    co()
    all[#all + 1] = co
  end
end)
return {}
