-- 7923dbbf: naming a variable in an error.
-- expect: ends

local s = 'return ' .. ('a.'):rep(180) .. 'b' local f = load(s, 'c', 't', {a = setmetatable({}, {__index = function(t) return t end})}) if f then pcall(f) end local g = load(('local a = {} a'):rep(1) .. ('.x'):rep(190)) if g then g() end
