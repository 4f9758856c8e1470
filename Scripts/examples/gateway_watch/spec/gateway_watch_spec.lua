-- The example's triggers, event by event.

local equal = require("lib.testing").equal
local define = require "triggers"
local stand = require "lib.spec.kit.triggers"

local T = {}

-- What is announced for these events.
local function announced(...)
  local set, host = stand.set {
    events = {
      name = "kind", common = { at = "integer", name = "string" },
      kinds = {
        service_gone = { service = "string", together = "integer", stayed_ms = "integer" },
        shard_freed = { bot = "string", shard = "integer", why = "string" },
      },
    },
  }
  local lines = {}
  define(set, function(text) lines[#lines + 1] = text end)
  for _, event in ipairs { ... } do assert(set:dispatch(event)) end
  host.run()
  return lines
end

local function gone(together, stayed_ms)
  return {
    kind = "service_gone", at = 1, name = "music-2", service = "music", together = together, stayed_ms = stayed_ms,
  }
end

function T.the_last_of_a_service_is_told()
  equal(announced(gone(1, 60000), gone(0, 60000)), { "nobody does music any more: music-2 was the last" })
end

function T.so_is_who_comes_and_goes()
  equal(announced(gone(3, 10000), gone(3, 1250)), { "music-2 stayed for 1.2 s only" })
end

function T.a_shard_that_was_given_back_is_not_lost()
  local function freed(why)
    return { kind = "shard_freed", at = 1, name = "shard-a", bot = "default", shard = 2, why = why }
  end
  equal(announced(freed "given_back", freed "stayed_away", freed "gone"), {
    "shard 2 of default has lost its holder shard-a", "shard 2 of default has lost its holder shard-a",
  })
end

return T
