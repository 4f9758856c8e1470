-- A migration that forgets to return the state: the load is refused, the former version goes on.
-- expect: refused
-- trigger: start
local M = { version = 3 }
function M.migrate() end
function M.on_reload() error("does not want to") end
return M
