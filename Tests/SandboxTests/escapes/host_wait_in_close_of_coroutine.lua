-- Waits while a coroutine is closed are errors.
-- expect: ends

local nightjar = require('nightjar') local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() nightjar.wait('x') end}) coroutine.yield() end) coroutine.resume(co) coroutine.close(co)
