-- Quotes megabytes.
-- trigger: get /long_format_q 5 => some 200 done or 500
local nightjar = require "nightjar"

nightjar.http.get("/long_format_q", function()
  local text = ("\0\n\"\\"):rep(1 << 20)
  for _ = 1, 20 do
    pcall(string.format, "%q", text)
    pcall(string.format, "%s%s%s%s", text, text, text, text)
    nightjar.sleep(0)
  end
  return "done"
end)

return {}
