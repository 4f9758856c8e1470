-- Keeps more than can be carried.
-- trigger: get /state_too_large 3
-- trigger: reload 3
-- limits: growth=256
local nightjar = require "nightjar"

nightjar.http.get("/state_too_large", function()
  for i = 1, 20 do pcall(nightjar.state.set, "k" .. i, ("x"):rep(1 << 20)) end
  local t = {}
  for i = 1, 200000 do t[i] = i end
  pcall(nightjar.state.set, "t", t)
  return "kept"
end)

return {}
