-- Subscribes to 20,000 topics and provides as many functions; what is too much is refused.
-- trigger: reload 2
-- trigger: get /load_many_topics => 200 2000
local nightjar = require "nightjar"

local taken = 0
for i = 1, 20000 do
  if not pcall(nightjar.subscribe, "topic" .. i, print) then break end
  taken = i
  if not pcall(nightjar.provide, "load_many_topics.f" .. i, print) then break end
end
nightjar.http.get("/load_many_topics", function() return tostring(taken) end)
return {}
