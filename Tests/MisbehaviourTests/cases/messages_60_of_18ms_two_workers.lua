-- The same on one of two workers; the other one must notice nothing.
-- trigger: messages 60 /messages_60_of_18ms_two_workers x
-- trigger: messages 60 /messages_60_of_18ms_two_workers x
-- expect: open
-- limits: seconds=1 workers=2
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/messages_60_of_18ms_two_workers", {
  message = function(conn)
    local started = os.clock()
    while os.clock() - started < 0.018 do end -- luacheck: ignore
    conn:send("done")
  end,
})

return {}
