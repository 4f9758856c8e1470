-- 782ef85b: index by a comparison.
-- expect: ends

local f = load('local a, b = 1, 2 local _ENV = {} return _ENV[a < b]') if f then f() end
