-- The same without weakness ends at the limit.
-- expect: memory
-- limits: memory=1MiB deadline=5000ms

local keep = {}
while true do
  local target = {}
  local t = setmetatable({}, {__newindex = target})
  for i = 1, 1000 do t[i] = ("x"):rep(100) .. i end
  keep[#keep + 1] = t
  keep[#keep + 1] = target
end
