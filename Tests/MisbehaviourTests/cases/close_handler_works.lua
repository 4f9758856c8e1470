-- 50 clients leave at once; each close takes 18 ms.
-- trigger: closes 50 /close_handler_works
-- limits: seconds=1
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/close_handler_works", {
  message = function() end,
  close = function()
    local started = os.clock()
    while os.clock() - started < 0.018 do end -- luacheck: ignore
  end,
})

return {}
