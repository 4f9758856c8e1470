-- 50 clients leave at once; each close takes 18 ms.
-- trigger: closes 50 /close_handler_works
-- trigger: wait 2
-- trigger: get /close_handler_works/closed => 200 50
local nightjar = require "nightjar"

local closed = 0
nightjar.websocket.endpoint("/close_handler_works", {
  message = function() end,
  close = function()
    closed = closed + 1
    local started = os.clock()
    while os.clock() - started < 0.018 do end -- luacheck: ignore
  end,
})

nightjar.http.get("/close_handler_works/closed", function() return tostring(closed) end)

return {}
