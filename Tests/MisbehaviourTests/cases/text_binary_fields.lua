-- Bytes that are no text in log fields, topics, keys, names and errors.
-- trigger: get /text_binary_fields => 200 done
local nightjar = require "nightjar"

nightjar.http.get("/text_binary_fields", function()
  local odd = "\xFF\0\x1B[2J\r\n\xC3"
  nightjar.log.warn(odd, { [odd] = odd })
  pcall(nightjar.publish, odd, odd)
  pcall(nightjar.event.notify, odd, odd)
  pcall(nightjar.store.set, odd, odd)
  pcall(nightjar.store.add, "set", odd, 1)
  pcall(nightjar.call, odd, odd)
  pcall(nightjar.metrics.counter, odd)
  pcall(function() nightjar.room(odd):send(odd) end)
  pcall(nightjar.state.set, odd, odd)
  pcall(nightjar.timer.after, odd, 1, print)
  nightjar.spawn(function() error(odd) end)
  nightjar.spawn(function() error { [odd] = odd } end)
  return "done"
end)

return {}
