-- 50 clients whose opening takes 18 ms each.
-- trigger: sockets 50 /open_handler_works x => x
-- limits: seconds=1
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/open_handler_works", {
  open = function()
    local started = os.clock()
    while os.clock() - started < 0.018 do end -- luacheck: ignore
  end,
  message = function(conn, text) conn:send(text) end,
})

return {}
