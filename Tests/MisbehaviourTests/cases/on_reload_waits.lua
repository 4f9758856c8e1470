-- Waits for ever in on_reload.
-- trigger: reload 3
-- trigger: get /on_reload_waits => 200 'event.wait' waits, which is not possible here
local nightjar = require "nightjar"

local told
nightjar.http.get("/on_reload_waits", function() return told end)

return { on_reload = function() told = tostring(select(2, pcall(nightjar.event.wait, "never"))) end }
