-- Fails 150 calls deep, in functions with long names, a hundred times.
-- trigger: messages 100 /long_error_traceback x
-- expect: error deep
-- expect: open
local nightjar = require "nightjar"

local name = ("n"):rep(5000)
local deep = load("local function " .. name .. "(i, f) if i == 0 then error('deep') end f(i - 1, f) return 1 end return " .. name)()
nightjar.websocket.endpoint("/long_error_traceback", {
  message = function() deep(150, deep) end,
})

return {}
