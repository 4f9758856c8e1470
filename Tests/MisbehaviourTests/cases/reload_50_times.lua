-- Reloads under waiting handlers of every kind.
-- trigger: sockets 10 /reload_50_times x
-- trigger: get /reload_50_times 5 => some 500
-- trigger: reload 50
-- trigger: messages 20 /reload_50_times x
-- expect: open
-- limits: handler=1 settle=1.5
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/reload_50_times", {
  open = function(conn) nightjar.room("all"):join(conn) end,
  message = function(conn)
    conn.data = { n = 1 }
    nightjar.event.wait("never", 20)
  end,
})
nightjar.http.get("/reload_50_times", function() nightjar.sleep(20) end)
nightjar.timer.every("tick", 0.01, function() nightjar.sleep(0.05) end)

return {}
