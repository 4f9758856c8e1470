-- Loops over waits when it is loaded.
-- expect: loads
local nightjar = require "nightjar"

return {
  on_ready = function()
    while true do nightjar.room("x"):count() end
  end,
}
