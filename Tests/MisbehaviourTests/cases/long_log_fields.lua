-- Logs 100,000 fields at once.
-- trigger: get /long_log_fields 3 => some 200 logged or 500
local nightjar = require "nightjar"

nightjar.http.get("/long_log_fields", function()
  local fields = {}
  for i = 1, 20000 do fields["field" .. i] = "value" .. i end
  for _ = 1, 50 do
    nightjar.log.warn("many", fields)
    nightjar.sleep(0)
  end
  return "logged"
end)

return {}
