-- Catching them for ever ends.
-- expect: timeout

local nightjar = require('nightjar') while true do pcall(nightjar.boom) end
