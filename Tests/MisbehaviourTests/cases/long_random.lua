-- Shuffles, samples and draws by the million.
-- trigger: get /long_random 3 => some 200 done or 500
local nightjar = require "nightjar"

nightjar.http.get("/long_random", function()
  local random = nightjar.random
  local t = {}
  for i = 1, 200000 do t[i] = i end
  nightjar.sleep(0)
  for _, f in ipairs {
    function() random.shuffle(t) end, function() random.sample(10000000, 5000000) end, function() random.sample(math.maxinteger, 100000) end,
    function() random.bytes(65536) end, function() random.bytes(1 << 40) end, function() random.integer(math.mininteger, math.maxinteger) end,
    function() for _ = 1, 1000000 do random.uuid() end end, function() random.sample(-1, 5) end,
    function() random.shuffle(setmetatable({}, { __len = function() return 1 << 60 end })) end,
  } do
    for _ = 1, 3 do
      pcall(f)
      nightjar.sleep(0)
    end
  end
  return "done"
end)

return {}
