-- Calls a function that nobody provides, 20,000 times.
-- trigger: get /wait_missing_function => 200 nil
-- expect: no errors
-- limits: seconds=2.5
local nightjar = require "nightjar"

nightjar.http.get("/wait_missing_function", function()
  local answer
  for _ = 1, 20000 do answer = nightjar.call("nobody.there") end
  return tostring(answer)
end)

return {}
