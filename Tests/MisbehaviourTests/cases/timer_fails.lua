-- 100 timers every millisecond whose handlers raise an error with a long message.
-- expect: error broken
-- limits: growth=256
local nightjar = require "nightjar"

for i = 1, 100 do
  nightjar.timer.every("broken" .. i, 0.001, function() error("broken " .. ("x"):rep(5000)) end)
end

return {}
