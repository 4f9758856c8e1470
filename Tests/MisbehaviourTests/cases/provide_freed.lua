-- A name that was given up by one package and taken by another, in turn.
-- trigger: get /provide_freed 20 => 200 none none none own none none none
-- trigger: reload 5
-- trigger: get /provide_freed 20 => 200 none none none own none none none
local nightjar = require "nightjar"

local n = nightjar.generation
nightjar.provide("provide_freed.f" .. n, function() return n end)
nightjar.http.get("/provide_freed", function()
  local texts = {}
  for i = n - 3, n + 3 do texts[#texts + 1] = nightjar.call("provide_freed.f" .. i) == n and "own" or "none" end
  return table.concat(texts, " ")
end)
return {}
