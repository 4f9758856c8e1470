-- Fails in on_reload after the first load: each further load is refused, the former version goes on.
-- trigger: get /on_reload_fails => 200 well
-- trigger: reload 3 => does not want to
-- trigger: get /on_reload_fails => 200 well
local nightjar = require "nightjar"

nightjar.http.get("/on_reload_fails", function() return "well" end)
return {
  on_reload = function()
    if nightjar.state.get("is_loaded") then error("does not want to") end
    nightjar.state.set("is_loaded", true)
  end,
}
