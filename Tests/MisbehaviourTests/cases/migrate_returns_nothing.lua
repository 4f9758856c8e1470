-- A migration that forgets to return the state: the load is refused, the former version goes on with what it keeps.
-- trigger: get /migrate_returns_nothing => 200 1
-- trigger: reload 2 => M.migrate(from, state)
-- trigger: get /migrate_returns_nothing => 200 2
local nightjar = require "nightjar"

local M = { version = nightjar.generation }
nightjar.http.get("/migrate_returns_nothing", function()
  nightjar.state.set("n", nightjar.state.get("n", 0) + 1)
  return tostring(nightjar.state.get("n"))
end)
function M.migrate() end
return M
