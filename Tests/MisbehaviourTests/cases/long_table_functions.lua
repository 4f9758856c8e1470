-- Large tables through every function of tables.
-- trigger: get /long_table_functions 3 => some 200 done or 500
-- limits: seconds=1
local nightjar = require "nightjar"

nightjar.http.get("/long_table_functions", function()
  local t = {}
  for i = 1, 300000 do t[i] = i % 1000 end
  nightjar.sleep(0)
  local never = setmetatable({}, { __len = function() return math.maxinteger end, __index = function() return 1 end })
  for _, f in ipairs {
    function() table.sort(t) end, function() table.sort(t, function() return true end) end,
    function() for _ = 1, 100000 do table.insert(t, 1, 0) end end,
    function() for _ = 1, 100000 do table.remove(t, 1) end end,
    function() table.move(t, 1, 300000, 2) end, function() table.move(never, 1, math.maxinteger - 1, 2, {}) end,
    function() return table.concat(t, (","):rep(1000)) end, function() return table.concat(never, "") end,
    function() return table.unpack(t) end, function() return select(-1, table.unpack(t, 1, 200000)) end,
    function() return table.sort(never) end, function() return table.unpack(never) end,
    function() return next(t, 150000) end, function() for i = 1, 300000 do t[i] = nil end return next(t) end,
  } do
    for _ = 1, 3 do
      pcall(f)
      nightjar.sleep(0)
    end
  end
  return "done"
end)

return {}
