-- 30 requests whose handlers never end.
-- trigger: get /http_loops 30 => 500
-- expect: error timeout
-- limits: seconds=1
local nightjar = require "nightjar"

nightjar.http.get("/http_loops", function()
  while true do end -- luacheck: ignore
end)

return {}
