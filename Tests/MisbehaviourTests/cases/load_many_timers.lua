-- Sets 100,000 timers while loading.
-- expect: refused too many timers in this package
local nightjar = require "nightjar"

for i = 1, 100000 do nightjar.timer.every("t" .. i, 0.001, print) end
return {}
