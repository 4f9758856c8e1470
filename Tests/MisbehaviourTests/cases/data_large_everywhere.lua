-- 100 clients with 100 kilobytes each in their data, over reloads.
-- trigger: sockets 100 /data_large_everywhere x
-- trigger: reload 5
-- trigger: sockets 20 /data_large_everywhere x
-- expect: open
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/data_large_everywhere", {
  message = function(conn)
    local t = {}
    for i = 1, 100 do t[i] = ("x"):rep(1000) end
    conn.data = t
  end,
})

return {}
