-- In development mode: broken, endless and good versions, saved one after the other.
-- trigger: reload 10
-- trigger: get /debug_many_saves 5 => 200 begun
-- limits: debug=1
local nightjar = require "nightjar"

nightjar.http.get("/debug_many_saves", function()
  local function f() nightjar.spawn(f) end
  f()
  return "begun"
end)
return {}
