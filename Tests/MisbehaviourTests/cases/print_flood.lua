-- Prints megabytes, line by line.
-- trigger: get /print_flood => 200 printed or 500
-- expect: log yyyyyyyy
local nightjar = require "nightjar"

nightjar.http.get("/print_flood", function()
  for _ = 1, 200 do print(("y"):rep(100000), ("z"):rep(100000)) end
  return "printed"
end)

return {}
