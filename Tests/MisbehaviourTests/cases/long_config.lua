-- Compares megabytes with secrets, and reads settings with defaults of megabytes.
-- trigger: get /long_config 3 => some 200 done or 500
local nightjar = require "nightjar"

nightjar.http.get("/long_config", function()
  local text, t = ("x"):rep(8 << 20), {}
  for i = 1, 100000 do t[i] = i end
  for _ = 1, 20 do
    pcall(nightjar.config.matches, "token", text)
    pcall(nightjar.config.matches, text, text)
    pcall(nightjar.config.get, text, t)
    pcall(nightjar.state.get, text, t)
    nightjar.sleep(0)
  end
  return "done"
end)

return {}
