-- Listens to the log and logs all it hears.
-- trigger: get /log_listener_logs => 200 logged
-- expect: log heard first
-- expect: no errors
local nightjar = require "nightjar"

nightjar.log.listen(function(lines)
  for _, line in ipairs(lines) do
    nightjar.log.info("heard " .. line.message)
    nightjar.spawn(function() nightjar.log.warn("spawned " .. line.message) end)
  end
end)
nightjar.http.get("/log_listener_logs", function()
  nightjar.log.info("first")
  return "logged"
end)

return {}
