--- A trigger file that breaks off in the middle.

local ps2 = require "ps2"

ps2.state { count = 0 }
ps2.trigger { name = "of a broken file", events = { "Death" }, action = print }
ps2.trigger { name = "with a slip", event = { "Death" }, action = print }
