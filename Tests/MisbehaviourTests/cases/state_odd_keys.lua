-- Keys and values that JSON has no words for.
-- trigger: get /state_odd_keys => 200 kept
-- trigger: reload 3
-- trigger: get /state_odd_keys/left => 200 left: 
local nightjar = require "nightjar"

nightjar.http.get("/state_odd_keys", function()
  pcall(nightjar.state.set, "t", {
    [1.5] = 0 / 0, [-1] = 1 / 0, [true] = "\xFF\0", [""] = math.mininteger, [("k"):rep(100000)] = {}, [{}] = 1, [print] = 2,
  })
  pcall(nightjar.state.set, {}, 1)
  pcall(nightjar.state.set, nil, 1)
  pcall(nightjar.state.set, setmetatable({}, { __tostring = error }), 1)
  pcall(nightjar.state.set, "meta", setmetatable({ 1 }, { __index = error, __pairs = error, __len = error }))
  return "kept"
end)

nightjar.http.get("/state_odd_keys/left", function()
  local left = {}
  for key, value in pairs(nightjar.state.all()) do left[#left + 1] = #key < 10 and key .. "=" .. type(value) or "long" end
  table.sort(left)
  return "left: " .. table.concat(left, " ")
end)

return {}
