-- The example's triggers, event by event.

local equal = require("lib.testing").equal
local define = require "triggers"
local stand = require "lib.spec.kit.triggers"

local T = {}

-- What is announced for these events.
local function announced(...)
  local set, host = stand.set {
    events = {
      name = "kind",
      kinds = {
        boss_beaten = { runner = "string", boss = "string", seconds = "number", hits = "integer" },
        room_cleared = { runner = "string", room = "integer", seconds = "number", hits = "integer" },
        died = { runner = "string", room = "integer", by = "string" },
      },
    },
  }
  local lines = {}
  define(set, function(text) lines[#lines + 1] = text end)
  for _, event in ipairs { ... } do assert(set:dispatch(event)) end
  host.run()
  return lines
end

function T.a_boss_without_a_hit_is_told()
  equal(announced(
    '{"kind":"boss_beaten","runner":"Kim","boss":"Hecate","seconds":"80","hits":"0"}',
    '{"kind":"boss_beaten","runner":"Kim","boss":"Hecate","seconds":"80","hits":"1"}'
  ), { "Kim beat Hecate without a scratch!" })
end

function T.fast_rooms_are_told_from_the_fifth_on()
  equal(announced(
    { kind = "room_cleared", runner = "Kim", room = 4, seconds = 9, hits = 0 },
    { kind = "room_cleared", runner = "Kim", room = 5, seconds = 9.54, hits = 0 },
    { kind = "room_cleared", runner = "Kim", room = 6, seconds = 10.1, hits = 0 }
  ), { "Kim cleared room 5 in 9.5 s" })
end

function T.early_deaths_are_told_unless_it_was_the_lava()
  equal(announced(
    { kind = "died", runner = "Kim", room = 2, by = "a Wringer" }, { kind = "died", runner = "Kim", room = 2,
      by = "lava" },
    { kind = "died", runner = "Kim", room = 3, by = "a Wringer" }
  ), { "Kim fell to a Wringer already" })
end

return T
