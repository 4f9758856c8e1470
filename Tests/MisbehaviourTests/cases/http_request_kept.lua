-- Keeps requests beyond their handlers and uses them later.
-- trigger: get /http_request_kept 50 => 200 kept
-- expect: no errors
local nightjar = require "nightjar"

local kept = {}
nightjar.http.get("/http_request_kept", function(request)
  kept[#kept + 1] = request
  for _, old in ipairs(kept) do pcall(function() return old.body, old.headers, old:header("x") end) end
  return "kept"
end)
nightjar.timer.every("use", 0.005, function()
  for _, old in ipairs(kept) do pcall(function() return old.path end) end
end)

return {}
