-- Closes connections from handlers of other connections.
-- trigger: sockets 60 /close_storm go
-- expect: no errors
local nightjar = require "nightjar"

local all = {}
nightjar.websocket.endpoint("/close_storm", {
  open = function(conn) all[#all + 1] = conn end,
  message = function()
    for _, conn in ipairs(all) do
      conn:send("bye")
      conn:close(3000, "storm")
    end
  end,
  close = function()
    for _, conn in ipairs(all) do conn:close(3001) end
  end,
})

return {}
