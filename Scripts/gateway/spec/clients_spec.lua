-- Finding clients by name and by type.

local clients = require "clients"
local names = require "names"

local T = {}

local next_id = 0

-- Clients in these tests are made, not connected: an id is all that is needed.
local function join(name, service)
  next_id = next_id + 1
  local conn = { id = next_id }
  local client = clients.open(conn)
  clients.identify(client, name, service or names.service_of(name))
  return conn, client
end

local function leave(...)
  for _, conn in ipairs { ... } do clients.close(conn) end
end

function T.clients_of_a_type_take_turns()
  local a, first = join("w-1")
  local b, second = join("w-2")
  local c, third = join("w-3")
  assert(clients.next("w") == first and clients.next("w") == second)
  assert(clients.next("w") == third and clients.next("w") == first)
  assert(clients.next("w", second) == third, "the sender is passed over")
  clients.close(c)
  assert(clients.next("w", first) == second)
  leave(a, b)
  assert(clients.next("w") == nil and clients.by_service.w == nil)
end

function T.leaving_does_not_disturb_the_turns()
  local a = join("w-1")
  local b, second = join("w-2")
  local c, third = join("w-3")
  clients.next("w")
  clients.close(a)
  assert(clients.next("w") == second and clients.next("w") == third)
  leave(b, c)
end

function T.the_only_one_of_a_type_is_not_its_own_receiver()
  local conn, client = join("alone")
  assert(clients.next("alone", client) == nil)
  leave(conn)
end

function T.a_target_is_a_name_a_type_or_everybody()
  local a, first = join("w-1")
  local b = join("w-2")
  local c = join("web")
  assert(#clients.matching("w-1") == 1 and clients.matching("w-1")[1] == first)
  assert(#clients.matching("w") == 2 and #clients.matching("*") == 3)
  assert(#clients.matching("nobody") == 0)
  leave(a, b, c)
  assert(clients.count == 0)
end

function T.a_name_implies_a_type()
  local types = { web = "web", ["discord-1"] = "discord", ["a-1-22"] = "a-1", ["x-"] = "x-", ["-1"] = "-1" }
  for name, service in pairs(types) do
    assert(names.service_of(name) == service, name)
  end
end

function T.names_have_neither_colons_nor_blanks()
  assert(not names.problem("discord-1") and not names.problem("größe@x"))
  for _, name in ipairs { "", "a:b", "a b", "a\tb", "a\nb", "a\0b", ("x"):rep(129), 7, false } do
    assert(names.problem(name), tostring(name))
  end
end

return T
