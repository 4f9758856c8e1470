-- Waits in metamethods, comparators, callbacks, closers and iterators.
-- trigger: get /yield_in_odd_places 5 => 200 done
local nightjar = require "nightjar"

nightjar.http.get("/yield_in_odd_places", function()
  local wait = function() nightjar.sleep(0.001) return "x" end
  local t = setmetatable({}, {
    __index = wait, __newindex = wait, __add = wait, __eq = wait, __lt = wait, __len = wait, __call = wait, __tostring = wait, __close = wait,
    __pairs = wait, __name = 5,
  })
  for _, f in ipairs {
    function() return t.x end, function() t.x = 1 end, function() return t + 1 end, function() return t < t end, function() return #t end,
    function() return t() end, function() return tostring(t) end, function() local _ <close> = t end, function() for _ in pairs(t) do return end end,
    function() table.sort({ 3, 2, 1 }, wait) end, function() return ("abc"):gsub(".", wait) end, function() for _ in wait do return end end,
    function() return table.concat(setmetatable({}, { __index = wait, __len = function() return 3 end })) end,
    function() return xpcall(error, wait) end, function() return load(wait) end, function() return nightjar.json.encode(t) end,
    function() nightjar.timer.after(0.001, wait) end, function() return select(2, pcall(pcall, wait)) end,
    function() coroutine.close(coroutine.create(wait)) end, function() return string.format("%s", t) end,
    function() return require(t) end, function() error(t) end,
  } do
    pcall(f)
    pcall(coroutine.wrap(f))
  end
  return "done"
end)
return {}
