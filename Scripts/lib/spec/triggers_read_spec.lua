-- From text to an event: types, the raw fields beside them, and what is skipped.

local equal = require("lib.testing").equal
local nightjar = require "nightjar"
local stand = require "lib.spec.kit.triggers"

local T = {}

function T.fields_come_in_their_types()
  local set = stand.set()
  local event = assert(set:read(stand.death { vehicle_id = 4 }))
  assert(event.character_id == 5428010618015189713 and math.type(event.character_id) == "integer")
  assert(event.is_headshot == false and event.timestamp == 1700000000 and event.vehicle_id == 4)
  assert(event.event_name == "Death" and event.missing_field == nil)
end

function T.floats_and_defaults()
  local set = stand.set()
  local event = assert(set:read(stand.event { event_name = "MetagameEvent", bonus = "25.5", state = "started" }))
  assert(event.bonus == 25.5 and event.zone_id == -1 and event.state == "started")
  event = assert(set:read(stand.event { event_name = "MetagameEvent", bonus = "30", state = "ended", zone_id = "2" }))
  assert(event.bonus == 30 and event.zone_id == 2)
end

function T.the_payload_has_the_raw_values()
  local set = stand.set()
  local event = assert(set:read(stand.death { extra = "new" }))
  equal(event.payload.attacker_character_id, "5429026007696236657")
  assert(event.payload.is_headshot == "0" and event.payload.extra == "new" and event.extra == nil)
  assert(event.payload == event.payload, "read once")
end

function T.raw_has_the_whole_text_and_a_copy_keeps_it()
  local set = stand.set()
  local text = stand.death()
  local event = assert(set:read(text))
  equal(event.raw, text)
  -- What goes through the host is a copy of the fields that are there.
  local copy = nightjar.json.decode(nightjar.json.encode(event))
  assert(copy.raw == text and copy.zone_id == 8 and copy.payload == nil)
end

function T.the_payload_is_there_when_it_was_asked_for()
  local set = stand.set()
  local event = assert(set:read(stand.death()))
  local function is_shown()
    for name in pairs(event) do if name == "payload" then return true end end
    return false
  end
  assert(not is_shown() and event.payload.zone_id == "8" and is_shown())
end

function T.an_event_is_an_ordinary_table()
  local set = stand.set()
  local event = assert(set:read(stand.death()))
  local names = {}
  for name in pairs(event) do names[#names + 1] = name end
  table.sort(names)
  equal(names, {
    "attacker_character_id", "attacker_team_id", "character_id", "event_name", "is_headshot", "raw", "team_id",
    "timestamp", "world_id", "zone_id",
  })
  event.mine = 1
  assert(event.mine == 1 and nightjar.json.encode(event))
end

function T.an_unknown_event_keeps_its_raw_fields()
  local set = stand.set()
  local event = assert(set:read(stand.event { event_name = "Unheard", level = "7", x = 5 }))
  assert(event.level == "7" and event.x == 5 and event.world_id == "17" and event.payload.level == "7")
end

function T.what_cannot_be_read_is_skipped_with_a_warning()
  local set, host = stand.set()
  set:add { events = { "Death" }, action = function() end }
  for _, case in ipairs {
    { { zone_id = "" }, "Death lacks zone_id" },
    { { zone_id = "2x" }, "Death: zone_id is \"2x\", no integer" },
    { { zone_id = "99999999999999999999" }, "Death: zone_id is \"99999999999999999999\", no integer" },
    { { is_headshot = "maybe" }, "Death: is_headshot is \"maybe\", no boolean" },
  } do
    local event, code, detail = set:dispatch(stand.death(case[1]))
    assert(event == nil and code == "invalid_event")
    equal(detail, case[2])
    equal(host.warnings[#host.warnings].message, "an event was skipped")
    equal(host.warnings[#host.warnings].fields.reason, case[2])
  end
  assert(select(2, set:dispatch(stand.death())) == 1, "others are not affected")
  assert(set:report().unread == 4)
end

function T.warnings_are_bounded()
  local set, host = stand.set()
  for _ = 1, 500 do set:dispatch(stand.death { zone_id = "" }) end
  assert(#host.warnings == 10)
  host.ms = host.ms + 60000
  set:dispatch(stand.death { zone_id = "" })
  assert(#host.warnings == 11 and host.warnings[11].fields.more == 490)
end

function T.other_messages_are_told_apart_and_not_warned_of()
  local set, host = stand.set()
  for _, case in ipairs {
    { "no json", "invalid_json" }, { "[1]", "no_event" }, { "5", "no_event" }, { "null", "no_event" },
    { '{"type":"heartbeat"}', "no_event" }, { '{"type":"serviceMessage"}', "no_event" },
    { '{"type":"serviceMessage","payload":{"recent_character_id_count":2}}', "no_event" },
    { '{"type":"serviceMessage","payload":[1]}', "no_event" },
  } do
    local event, code, detail = set:dispatch(case[1])
    assert(event == nil and type(detail) == "string")
    equal(code, case[2], case[1])
  end
  assert(#host.warnings == 0)
end

function T.tables_can_be_given_as_well()
  local set = stand.set { events = { kinds = { opened = { room = "integer", at_night = "boolean" } }, name = "kind" } }
  set:add { name = "t", events = { "opened" }, where = { room = 9 }, action = function() end }
  local given = { kind = "opened", room = "8", at_night = 1, by = "Kim" }
  local event, fired = set:dispatch(given)
  equal(event, { kind = "opened", room = 8, at_night = true, by = "Kim" })
  assert(fired == 0 and given.room == "8")
  local text = set:report("t").last_failed[1].text
  assert(text:find('"room":8', 1, true) and not set:explain("t", text).fires)
  local _, code, detail = set:dispatch { kind = "opened", at_night = true }
  equal({ code, detail }, { "invalid_event", "opened lacks room" })
  assert(select(2, set:dispatch { kind = "opened", room = {}, at_night = true }) == "invalid_event")
  assert(select(2, set:dispatch { kind = "unheard", room = 5 }) == 0)
end

-- A Death with an id of so many digits; without quotation marks if it is so wished.
local function with_id(digits, bare)
  local text = stand.death { attacker_character_id = digits }
  if bare then text = text:gsub('"' .. digits .. '"', digits) end
  return text
end

function T.an_id_from_2_to_the_63_on_is_a_text_and_the_event_comes()
  for _, bare in ipairs { false, true } do
    for _, digits in ipairs { "9223372036854775808", "18446744073709551615" } do
      local set, host = stand.set()
      local got
      set:add { name = "all", events = { "Death" }, action = function(event) got = event end }
      set:add { name = "order", events = { "Death" }, where = { attacker_character_id = { max = 5 } } }
      set:add { name = "ne", events = { "Death" }, where = { attacker_character_id = { ne = 5 }, zone_id = 8 } }
      set:add { name = "ids", events = { "Death" }, characters = { 5 } }
      set:add { name = "victim", events = { "Death" }, characters = { 5428010618015189713 } }
      local text = with_id(digits, bare)
      local event, fired = set:dispatch(text)
      equal({ event.attacker_character_id, event.payload.attacker_character_id, event.raw, event.character_id, fired },
        { digits, digits, text, 5428010618015189713, 3 })
      host.run()
      equal({ got == event, set.unread, set:read(text).attacker_character_id }, { true, 0, digits })
      equal({ set:explain("all", text).fires, set:explain("ids", text).failed_at }, { true, "characters" })
      equal(set:explain("order", text).words,
        'does not fire: attacker_character_id is "' .. digits .. '"; wanted is at most 5')
      equal(set:report("order").rejected[1].count, 1)
    end
  end
  local set = stand.set()
  equal(set:dispatch({
    event_name = "GainExperience", character_id = "18446744073709551615", experience_id = 7, amount = 1, timestamp = 1,
    world_id = 17,
  }).character_id, "18446744073709551615")
end

function T.what_is_more_than_that_or_no_number_is_skipped_as_before()
  local set = stand.set()
  for _, digits in ipairs {
    "18446744073709551616", "99999999999999999999", "184467440737095516150", "09223372036854775808",
    "-9223372036854775809", "9223372036854775808.5", "92233720368547758a8",
  } do
    local event, code, detail = set:dispatch(with_id(digits))
    equal({ event, code }, { nil, "invalid_event" }, digits)
    assert(detail:find("attacker_character_id", 1, true), detail)
  end
  -- A text is no id, however many digits it has.
  local event = set:read(stand.event {
    event_name = "MetagameEvent", zone_id = "2", bonus = "1", state = "18446744073709551615",
  })
  equal({ event.state, set:read(with_id "9223372036854775807").attacker_character_id },
    { "18446744073709551615", math.maxinteger })
end

return T
