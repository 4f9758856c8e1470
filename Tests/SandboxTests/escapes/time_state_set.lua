-- Storing a large value again and again: what is stored is looked at.
-- expect: timeout
-- limits: memory=64MiB

local state = require("nightjar").state
while true do
  local t = {}
  for i = 1, 1000 do t[i] = { i } end
  state.set("x", t)
  state.set("x", t)
  state.set("y", ("a"):rep(1 << 20))
end
