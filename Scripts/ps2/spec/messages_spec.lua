-- What the service says, told apart.

local equal = require("lib.testing").equal
local messages = require "messages"

local T = {}

local function kind(text) return (messages.read(text)) end

function T.every_message_of_the_protocol()
  equal(kind '{"connected":"true","service":"push","type":"connectionStateChanged"}', "greeting")
  equal(kind '{"send this for help":{"service":"event","action":"help"}}', "greeting")
  equal(kind '{"payload":{"event_name":"Death"},"service":"event","type":"serviceMessage"}', "event")
  equal(kind('{"payload":{"recent_character_id_count":2,"recent_character_id_list":["1","2"]},'
    .. '"service":"event","type":"serviceMessage"}'), "recent")
  equal(kind '{"test":"hello"}', "unknown")
  equal(kind '{"subscription":{"characterCount":1,"eventNames":["Death"],"worlds":["17"]}}', "echo")
  for _, text in ipairs { "", "no", "[", "7", '"x"', "null", '{"a":' } do equal(kind(text), "garbage", text) end
  equal(kind '[]', "unknown")
end

function T.a_heartbeat_has_worlds_with_their_numbers()
  local found, worlds = messages.read('{"online":{"EventServerEndpoint_Connery_1":"true",'
    .. '"EventServerEndpoint_Jaeger_19":"false",'
    .. '"EventServerEndpoint_Soltech_40":true,"odd":1},"service":"event","type":"heartbeat"}')
  equal(found, "heartbeat")
  equal(worlds, {
    Connery = { name = "Connery", id = 1, online = true }, Jaeger = { name = "Jaeger", id = 19, online = false },
    Soltech = { name = "Soltech", id = 40, online = true },
  })
end

function T.worlds_without_end_are_not_taken()
  local parts = { ('"E_%s_1":"true"'):format(("x"):rep(1000)) }
  for id = 1, 1000 do parts[#parts + 1] = ('"E_W%d_%d":"true"'):format(id, id) end
  local online = table.concat(parts, ",")
  local _, worlds = messages.read('{"online":{' .. online .. '},"service":"event","type":"heartbeat"}')
  local count = 0
  for name in pairs(worlds) do
    count = count + 1
    assert(#name < 64)
  end
  assert(count >= 63 and count <= 64, count)
end

function T.both_spellings_of_a_changed_state()
  for _, type in ipairs { "serviceStateChange", "serviceStateChanged" } do
    local found, world = messages.read(
      '{"detail":"EventServerEndpoint_Emerald_17","online":"false","service":"event","type":"' .. type .. '"}')
    equal(found, "state")
    equal(world, { name = "Emerald", id = 17, online = false })
  end
end

return T
