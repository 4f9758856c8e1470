-- How topics of messages between services are read.

local proxy = require "proxy"

local T = {}

local function read(topic)
  local inner, source_end, target = proxy.parse(topic)
  if not inner then return nil end
  return topic:sub(inner), topic:sub(#"gateway-proxy:" + 1, source_end), target
end

function T.a_topic_has_a_source_a_target_and_more()
  local inner, source, target = read("gateway-proxy:web:discord:guild:get")
  assert(inner == "discord:guild:get" and source == "web" and target == "discord")
end

function T.a_target_alone_is_enough()
  local inner, source, target = read("gateway-proxy:web:discord")
  assert(inner == "discord" and source == "web" and target == "discord")
end

function T.the_first_three_segments_are_not_empty()
  for _, topic in ipairs { "gateway-proxy:", "gateway-proxy:web", "gateway-proxy:web:", "gateway-proxy::discord",
    "gateway-proxy:web::x" } do
    assert(read(topic) == nil, topic)
  end
end

function T.later_segments_may_be_empty()
  local inner, _, target = read("gateway-proxy:web:discord::")
  assert(inner == "discord::" and target == "discord")
end

return T
