-- Fills its memory again and again on one of two workers.
-- trigger: get /memory_bomb_two_workers 3 => 500
-- expect: errors timeout or memory limit or not enough memory
-- limits: workers=2
local nightjar = require "nightjar"

nightjar.http.get("/memory_bomb_two_workers", function()
  local t = {}
  for i = 1, 1e9 do t[i] = { i } end
end)

return {}
