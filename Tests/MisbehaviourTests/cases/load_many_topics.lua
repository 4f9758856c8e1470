-- Subscribes to 20,000 topics and provides as many functions; what is too much is refused.
-- trigger: reload 2
local nightjar = require "nightjar"

for i = 1, 20000 do
  if not pcall(nightjar.subscribe, "topic" .. i, print) then break end
  if not pcall(nightjar.provide, "load_many_topics.f" .. i, print) then break end
end
return {}
