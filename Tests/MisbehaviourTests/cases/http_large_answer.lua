-- Answers with megabytes, twenty times at once.
-- trigger: get /http_large_answer 20 => some 200 xxx or 500
-- limits: growth=700
local nightjar = require "nightjar"

nightjar.http.get("/http_large_answer", function()
  return ("x"):rep(1 << 20)
end)

return {}
