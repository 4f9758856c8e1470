-- Puts a metamethod into a metatable after it was set, and uses it in a coroutine, deep.
-- trigger: get /concat_later 20 => 200 done
local nightjar = require "nightjar"

nightjar.http.get("/concat_later", function()
  local meta = {}
  local x = setmetatable({}, meta)
  pcall(rawset, meta, "__concat", function(a, b)
    local function deep(n) if n == 0 then return "x" end return deep(n - 1) .. "y" end
    return deep(190) .. tostring(a == b)
  end)
  pcall(rawset, meta, "__gc", function() while true do end end) -- luacheck: ignore
  pcall(rawset, meta, "__mode", "k")
  local co = coroutine.wrap(function()
    for _ = 1, 100 do pcall(function() return "a" .. x .. "b" .. x end) end
  end)
  pcall(co)
  return "done"
end)
return {}
