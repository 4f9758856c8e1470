-- A named timer that sets itself anew in its own handler, for ever.
-- trigger: wait 0.6
-- trigger: get /timer_replaces_itself/runs => 200 bounded
-- expect: no errors
local nightjar = require "nightjar"

local runs, began = 0, nightjar.now()
local function again()
  runs = runs + 1
  nightjar.timer.after("again", 0.001, again)
end
-- So many as it may be, and some.
nightjar.http.get("/timer_replaces_itself/runs", function()
  local most = (nightjar.now() - began) + 2
  return runs > 0 and runs <= most and "bounded" or runs .. " of " .. most
end)
return { on_reload = again }
