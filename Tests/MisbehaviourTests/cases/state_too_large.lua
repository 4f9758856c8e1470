-- Keeps more than can be carried.
-- trigger: get /state_too_large 3 => 200 kept
-- trigger: reload 3
-- trigger: get /state_too_large/left => 200 left: k1
-- expect: log does not fit: too much data: left out
-- limits: growth=256
local nightjar = require "nightjar"

nightjar.http.get("/state_too_large", function()
  for i = 1, 20 do
    pcall(nightjar.state.set, "k" .. i, ("x"):rep(1 << 20))
    nightjar.sleep(0)
  end
  local t = {}
  for i = 1, 200000 do t[i] = i end
  pcall(nightjar.state.set, "t", t)
  return "kept"
end)

nightjar.http.get("/state_too_large/left", function()
  local left = {}
  for key, value in pairs(nightjar.state.all()) do left[#left + 1] = #key < 10 and key .. "=" .. type(value) or "long" end
  table.sort(left)
  return "left: " .. table.concat(left, " ")
end)

return {}
