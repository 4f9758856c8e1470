-- Handlers that never end and catch what ends them.
-- trigger: get /http_loops_and_catches 20 => 500
-- expect: error timeout
-- limits: seconds=1
local nightjar = require "nightjar"

nightjar.http.get("/http_loops_and_catches", function()
  while true do
    pcall(function()
      while true do pcall(error) end
    end)
  end
end)

return {}
