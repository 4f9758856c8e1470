-- 997f11f5: break in a for with a closing value and a captured variable.
-- expect: ends

local function closer() return setmetatable({}, {__close = function() end}) end
for i in next, {1, 2, 3}, nil, closer() do
  local f = function() return i end
  if f() then break end
end
