--- What is worth telling. Edit me while the server runs.

---@param set triggers.Set
---@param announce fun(text: string)
return function(set, announce)
  set:add {
    name = "flawless boss", events = { "boss_beaten" }, where = { hits = 0 },
    action = function(event) announce(event.runner .. " beat " .. event.boss
      .. " without a scratch!") end,
  }

  set:add {
    name = "fast room", events = { "room_cleared" },
    where = { seconds = { max = 10 }, room = { min = 5 } },
    action = function(event)
      announce(("%s cleared room %d in %.1f s"):format(event.runner, event.room, event.seconds))
    end,
  }

  set:add {
    name = "early death", events = { "died" }, where = { room = { lt = 3 }, by = { ne = "lava" } },
    action = function(event) announce(event.runner .. " fell to " .. event.by .. " already") end,
  }
end
