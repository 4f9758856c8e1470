local audience = require "audience"

local T = {}

-- A request as the host gives it.
local function request(remote, headers)
  local all = { host = "localhost:5001" }
  for name, value in pairs(headers or {}) do all[name] = value end
  return { remote = remote, query = {}, header = function(_, name) return all[name] end }
end

function T.who_listens_on_this_machine_is_direct()
  for _, host in ipairs { "localhost", "LOCALHOST:5001", "127.0.0.1:5001", "[::1]:5001" } do
    assert(audience.is_direct(request("127.0.0.1", { host = host })), host)
  end
  assert(audience.is_direct(request("::1")))
  local own_page = { host = "localhost:5001", origin = "http://localhost:5001" }
  assert(audience.is_direct(request("127.0.0.1", own_page)), "the viewer itself")
end

function T.others_are_not()
  assert(not audience.is_direct(request("10.0.0.7")))
  assert(not audience.is_direct(request("unix")))
  assert(not audience.is_direct(request("127.0.0.1", { host = "127.evil.example" })), "only a beginning")
  local forwarded = {
    "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-server", "forwarded", "via",
    "x-real-ip", "x-client-ip", "cf-connecting-ip", "true-client-ip",
  }
  for _, name in ipairs(forwarded) do
    assert(not audience.is_direct(request("127.0.0.1", { [name] = "10.0.0.7" })), name)
  end
  local by_name = { host = "sync.example.org" }
  assert(not audience.is_direct(request("127.0.0.1", by_name)), "a proxy that passes the name on")
  for _, origin in ipairs { "https://evil.example", "null", "http://localhost:8080" } do
    assert(not audience.is_direct(request("127.0.0.1", { origin = origin })), origin)
  end
end

return T
