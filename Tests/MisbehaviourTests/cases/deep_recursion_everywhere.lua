-- Recursion without an end through every function that calls back.
-- trigger: get /deep_recursion_everywhere 5 => 200 done or 500
local nightjar = require "nightjar"

nightjar.http.get("/deep_recursion_everywhere", function()
  local f
  for _, g in ipairs {
    function() return 1 + f() end, function() return pcall(f) end, function() return (("x"):gsub("x", f)) end, function() table.sort({ 1, 2 }, f) end,
    function() return tostring(setmetatable({}, { __tostring = f })) end, function() return setmetatable({}, { __index = f }).x end,
    function() return coroutine.wrap(f)() end, function() return load(f) end, function() return xpcall(f, f) end,
    function() return nightjar.json.encode(setmetatable({}, { __index = f })) end, function() local _ <close> = setmetatable({}, { __close = f }) error("x") end,
  } do
    f = g
    pcall(f)
    nightjar.sleep(0)
  end
  return "done"
end)
return {}
