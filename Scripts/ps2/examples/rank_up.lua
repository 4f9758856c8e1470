--- Tells when a player reaches a new battle rank.

local nightjar = require "nightjar"
local ps2 = require "ps2"

ps2.trigger {
  name = "print_levelup",
  events = { "BattleRankUp" },
  action = function(event)
    local character, code, detail = ps2.character(event.character_id)
    if character then
      -- The rank is the event's: Census hears of it later.
      ps2.print(("%s has reached BR %d!"):format(ps2.long_name(character), event.battle_rank))
    elseif code == "not_found" then
      ps2.print("Skipping anonymous player")
    else
      nightjar.log.warn("a character could not be looked up", { code = code, detail = detail })
    end
  end,
}
