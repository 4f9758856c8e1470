-- An environment of nil is an error, not a crash.
-- expect: error attempt to index a nil value

local _ENV = nil; return x
