-- Fills its memory and keeps it, so that every later handler has none.
-- trigger: get /memory_kept 20 => 500
-- trigger: messages 50 /memory_kept x
-- expect: errors timeout or memory limit or not enough memory
local nightjar = require "nightjar"

local kept = {}
nightjar.http.get("/memory_kept", function()
  for i = 1, 1e9 do kept[#kept + 1] = ("x"):rep(1000) .. i end
end)
nightjar.websocket.endpoint("/memory_kept", { message = function(conn, text) conn:send(text) end })
return {}
