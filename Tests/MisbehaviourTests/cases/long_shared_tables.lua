-- A table of tables of tables, each the same: small in memory, a billion when written out.
-- trigger: get /long_shared_tables => 500
-- expect: errors timeout or the text is too large
local nightjar = require "nightjar"

nightjar.http.get("/long_shared_tables", function()
  local t = { 1 }
  for _ = 1, 30 do t = { t, t } end
  pcall(nightjar.publish, "x", t)
  pcall(nightjar.json.encode, t)
  pcall(nightjar.event.notify, "x", t)
  pcall(nightjar.store.set, "x", t)
  pcall(nightjar.state.set, "x", t)
  pcall(nightjar.log.info, "x", { t = t })
  return { json = t }
end)

return {}
