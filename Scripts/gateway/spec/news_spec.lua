-- What other packages hear of services and shards.

local clients = require "clients"
local equal = require("lib.testing").equal
local identify = require "ops.identify"
local news = require "news"

local T = {}

-- What is published while a function runs, without the time.
local function published(fn)
  local list, publish = {}, news.publish
  news.publish = function(topic, event)
    equal({ topic, math.type(event.at) }, { "gateway.events", "integer" })
    event.at = nil
    list[#list + 1] = event
  end
  fn()
  news.publish = publish
  return list
end

function T.services_that_come_and_go()
  local conns = {}
  for id = 1, 2 do conns[id] = { id = id, send = function() return true end } end
  equal(published(function()
    for id, conn in ipairs(conns) do identify.welcome(clients.open(conn), conn, "music-" .. id, "music") end
  end), {
    { kind = "service_came", name = "music-1", service = "music", together = 1 },
    { kind = "service_came", name = "music-2", service = "music", together = 2 },
  })
  local told = published(function()
    for _, conn in ipairs(conns) do news.gone(clients.close(conn)) end
  end)
  for _, one in ipairs(told) do
    assert(math.type(one.stayed_ms) == "integer" and one.stayed_ms >= 0, one.stayed_ms)
    one.stayed_ms = nil
  end
  equal(told, {
    { kind = "service_gone", name = "music-1", service = "music", together = 1 },
    { kind = "service_gone", name = "music-2", service = "music", together = 0 },
  })
end

function T.shards()
  equal(published(function()
    news.shard_given("shard-a", "default", 1, 4)
    news.shard_freed("shard-a", "default", 1, "stayed_away")
  end), {
    { kind = "shard_given", name = "shard-a", bot = "default", shard = 1, shards = 4 },
    { kind = "shard_freed", name = "shard-a", bot = "default", shard = 1, why = "stayed_away" },
  })
end

return T
