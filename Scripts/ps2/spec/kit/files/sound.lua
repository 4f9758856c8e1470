--- A trigger file that loads.

local ps2 = require "ps2"

ps2.trigger { name = "of a sound file", events = { "Death" }, action = print }
