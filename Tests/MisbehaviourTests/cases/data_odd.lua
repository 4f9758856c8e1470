-- What is no plain data in conn.data, and megabytes in it.
-- trigger: sockets 20 /data_odd x
-- trigger: reload 3
-- expect: open
local nightjar = require "nightjar"

local n = 0
nightjar.websocket.endpoint("/data_odd", {
  message = function(conn)
    n = n + 1
    local t = { n }
    local values = { print, { f = print }, t, { t, t }, ("x"):rep(1000000), conn, { [conn] = conn }, 0 / 0, coroutine.create(print) }
    t.self = n % 2 == 0 and t or nil
    conn.data = values[n % #values + 1]
  end,
})

return {}
