-- Tries to change what all share: string methods, the module, the environment.
-- trigger: get /globals_and_globals 3 => 200 done
local nightjar = require "nightjar"

local pcall, ipairs = pcall, ipairs

nightjar.http.get("/globals_and_globals", function()
  for _, f in ipairs {
    function() string.rep = nil end, function() ("").rep = nil end, function() getmetatable("").__index = nil end, -- luacheck: ignore
    function() nightjar.sleep = nil end, function() nightjar.store.get = error end, function() _G.pcall = nil end, -- luacheck: ignore
    function() setmetatable(_G, {}) end, function() rawset(_G, "x", 1) end, function() table.insert = nil end, -- luacheck: ignore
    function() coroutine.resume = nil end, function() getmetatable(nightjar.room("x")).__index = nil end, -- luacheck: ignore
    function() nightjar.json.null = nil end, function() rawset(nightjar, "spawn", error) end,
  } do pcall(f) end
  return "done"
end)
return {}
