-- No value that a script yields is taken for a host wait.
-- expect: ok

local values = {}
for _, v in ipairs({"wait", 0, false}) do
  local co = coroutine.wrap(function() coroutine.yield(v, "nightjar.wait") return "end" end)
  assert(co() == v)
  assert(co() == "end")
end
