-- An inherited field is none: Lua looks raw as well.
-- expect: ok

local mt = setmetatable({}, {__index = {__gc = print}}) setmetatable({}, mt)
