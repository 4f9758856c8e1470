-- A migration that never ends.
-- trigger: get /migrate_loops => 200 kept
-- trigger: reload 2 => took longer than
local nightjar = require "nightjar"

nightjar.http.get("/migrate_loops", function()
  nightjar.state.set("n", 1)
  return "kept"
end)

return {
  version = nightjar.generation,
  migrate = function()
    while true do end -- luacheck: ignore
  end,
}
