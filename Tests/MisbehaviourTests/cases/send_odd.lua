-- Sends what is no message, closes with what is no code.
-- trigger: sockets 3 /send_odd go => some xxxxxxxx
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/send_odd", {
  message = function(conn)
    for _, value in ipairs { 5, 1.5, {}, print, true, conn, ("x"):rep(4 << 20) } do pcall(conn.send, conn, value) end
    pcall(conn.send, conn)
    pcall(conn.send, nil, "x")
    pcall(conn.send, nightjar.room("x"), "x")
    pcall(conn.send, conn, "x", 5)
    for _, code in ipairs { 0, 999, 1004, 1006, 2000, 5000, -1, 1.5, 1e300, "x" } do pcall(conn.close, conn, code) end
    pcall(conn.close, conn, 1000, ("x"):rep(1000))
    pcall(conn.close, conn, 1000, "\xC3")
  end,
})

return {}
