--- What whoever runs the bot wants to know. Edit me while the server runs.

---@param set triggers.Set
---@param announce fun(text: string)
return function(set, announce)
  set:add {
    name = "nobody left", events = { "service_gone" }, where = { together = 0 },
    action = function(event)
      announce(("nobody does %s any more: %s was the last"):format(event.service, event.name))
    end,
  }

  set:add {
    name = "in and out", events = { "service_gone" }, where = { stayed_ms = { lt = 10000 } },
    action = function(event)
      announce(("%s stayed for %.1f s only"):format(event.name, event.stayed_ms / 1000))
    end,
  }

  set:add {
    name = "shard lost", events = { "shard_freed" }, where = { why = { ne = "given_back" } },
    action = function(event)
      announce(("shard %d of %s has lost its holder %s"):format(event.shard, event.bot, event.name))
    end,
  }
end
