-- Fills tables, catches the error and goes on.
-- trigger: get /memory_tables 3 => 200 full or 500
-- expect: errors timeout or memory limit or not enough memory
local nightjar = require "nightjar"

nightjar.http.get("/memory_tables", function()
  local t = {}
  for _ = 1, 100 do
    pcall(function()
      for i = 1, 1e9 do t[#t + 1] = { i } end
    end)
  end
  return "full"
end)
return {}
