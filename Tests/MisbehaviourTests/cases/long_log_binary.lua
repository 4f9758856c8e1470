-- Logs binary megabytes, as message and as fields.
-- trigger: get /long_log_binary 3 => some 200 logged or 500
local nightjar = require "nightjar"

nightjar.http.get("/long_log_binary", function()
  local blob = ("\255\0\27"):rep(2 << 20)
  local deep = {}
  for i = 1, 1000 do deep[i] = { blob } end
  for _ = 1, 20 do
    nightjar.log.warn(blob, { blob = blob, deep = deep, [blob] = 1 })
    nightjar.sleep(0)
  end
  return "logged"
end)

return {}
