-- The encoder runs no script.
-- expect: ok

local json = require('nightjar').json local t = setmetatable({1}, {__index = function() error('ran') end, __pairs = function() error('ran') end, __len = function() error('ran') end}) pcall(json.encode, t)
