-- A table that calls itself ends.
-- expect: error '__call' must be a function

local t = {} setmetatable(t, {__call = t}) t()
