-- 983bc433: a weak metatable and a refused allocation; weak tables are refused.
-- expect: error a metatable may not have '__mode'
-- limits: memory=1MiB deadline=5000ms

local keep = {}
while true do
  local target = {}
  local t = setmetatable({}, setmetatable({__newindex = target}, {__mode = "v"}))
  for i = 1, 1000 do t[i] = ("x"):rep(100) .. i end
  keep[#keep + 1] = t
end
