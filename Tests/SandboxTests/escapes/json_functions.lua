-- What JSON cannot carry is refused.
-- expect: ok

local json = require('nightjar').json for _, v in ipairs({print, coroutine.create(print)}) do assert(json.encode({v}) == nil) end assert(json.encode(0/0) == nil and json.encode(1/0) == nil)
