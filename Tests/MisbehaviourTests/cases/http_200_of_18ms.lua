-- 200 requests at once, 18 ms each.
-- trigger: get /http_200_of_18ms 200 => some 200 done
-- limits: seconds=1
local nightjar = require "nightjar"

nightjar.http.get("/http_200_of_18ms", function()
  local started = os.clock()
  while os.clock() - started < 0.018 do end -- luacheck: ignore
  return "done"
end)

return {}
