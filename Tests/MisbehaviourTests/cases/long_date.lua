-- Formats the date with a format of a megabyte.
-- trigger: get /long_date 5 => some 200 done or 500
local nightjar = require "nightjar"

nightjar.http.get("/long_date", function()
  local format = ("%c%c%c%c"):rep(250000)
  for _ = 1, 20 do
    pcall(os.date, format)
    nightjar.sleep(0)
  end
  return "done"
end)

return {}
