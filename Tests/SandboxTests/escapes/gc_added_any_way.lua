-- A finalizer that is added afterwards never runs, whichever way it was added, not even at the end of the state.
-- expect: ok
-- limits: deadline=2000ms slack=200ms

local function forever() while true do end end
for i = 1, 2000 do
  local m = { __index = {} }
  local t = setmetatable({}, m)
  if i % 2 == 0 then m.__gc = forever else rawset(m, "__" .. "gc", forever) end
  if i % 3 == 0 then assert(not pcall(setmetatable, t, m)) end
  t = nil
end
for i = 1, 100000 do local _ = { i } end
