-- A migration that never ends.
-- trigger: get /migrate_loops
local nightjar = require "nightjar"

nightjar.http.get("/migrate_loops", function()
  nightjar.state.set("n", 1)
  return "kept"
end)

return {
  version = 1,
  migrate = function()
    while true do end -- luacheck: ignore
  end,
}
