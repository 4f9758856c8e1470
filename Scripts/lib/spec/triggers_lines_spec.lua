-- What `nightjar triggers` prints of a set.

local equal = require("lib.testing").equal
local lines = require "lib.triggers.lines"
local stand = require "lib.spec.kit.triggers"

local T = {}

local FIELDS = '"event_name":"GainExperience","timestamp":"1","world_id":"17","character_id":"5428010618015189713",'
  .. '"experience_id":"7","amount":"%d"'

local function gain(amount) return "{" .. FIELDS:format(amount) .. "}" end

local function given()
  local set, host = stand.set { time_every = 1000 }
  set:add { name = "revives", events = { "GainExperience" }, where = { amount = { min = 5 } },
    conditions = { function(event) return event.payload.amount ~= "9" or error("nine") end }, action = function() end }
  return set, host
end

local function said(set, question, options)
  local answer = lines.answer(set, question, options)
  return table.move(answer.lines, 1, #answer.lines, 1, {}), answer.ok
end

function T.the_list_counts_conditions_that_raised_as_errors()
  local set = given()
  for _, amount in ipairs { 1, 9, 6 } do
    set:dispatch('{"type":"serviceMessage","payload":' .. gain(amount) .. "}")
  end
  set.lost = 2
  equal(said(set, {}), {
    "trigger  seen  fired  errors  rejected by                    events",
    "revives     3      1       1  where.amount 1, condition 1 1  GainExperience",
    "actions: 0 running, 1 waiting, 0 given up",
    "events lost because a condition took too long: 2",
  })
end

function T.an_event_may_be_written_without_what_all_messages_have_in_common()
  local set = given()
  for _, text in ipairs {
    '{"payload":' .. gain(6) .. ',"type":"serviceMessage"}', '{"payload":' .. gain(6) .. "}", gain(6),
  } do
    local all, ok = said(set, { name = "revives", event = text })
    assert(ok, all[1])
    equal(all[1], "revives: fires: all 3 tests passed")
  end
  equal(set:report("revives").seen, 0)
end

function T.what_is_wrong_with_an_event_is_named()
  local set = given()
  for text, words in pairs {
    ['{"payload":' .. gain(6) .. ',"type":"heartbeat"}'] =
      'its type is "heartbeat"; an event has "type":"serviceMessage"',
    ['{"payload":{"amount":"6"}}'] = "it has no event_name, which names the event",
    ["{}"] = "it has no event_name, which names the event",
    ['{"event_name":"GainExperience"}'] = "GainExperience lacks",
    ["nonsense"] = "value expected",
  } do
    local all, ok = said(set, { event = text })
    assert(not ok and all[1]:find("this is no event: " .. words, 1, true), all[1])
  end
  local _, code, detail = set:read('{"payload":' .. gain(6) .. "}")
  equal({ code, detail }, { "no_event", 'it lacks "type":"serviceMessage"' })
  _, code, detail = set:read(gain(6))
  equal({ code, detail }, { "no_event", 'it lacks "type":"serviceMessage" and "payload":{…} around its fields' })
end

function T.what_a_package_adds_stands_around_it()
  local set = stand.set()
  local options = {
    empty = { "none yet" }, log = function() return { "open" } end,
    before = function(question) return { question.note or "first" } end,
  }
  equal(said(set, {}, options), { "first", "none yet" })
  equal(said(set, { log = true, note = "n" }, options), { "n", "open" })
  equal(said(set, nil), { "no trigger is on" })
  local all, ok = said(set, { log = true })
  equal({ all[1], ok }, { "these triggers have no connection to show", false })
end

function T.a_misspelt_trigger_is_told_which_was_meant()
  local set = given()
  equal(said(set, { name = "revive" }), { 'there is no trigger "revive"; did you mean "revives"?' })
  equal(said(set, { name = "else", event = gain(1) }), { 'there is no trigger "else"; nightjar triggers lists them' })
end

function T.a_trigger_tells_the_time_that_its_conditions_took()
  local set, host = stand.set()
  set:add { name = "slow", events = { "GainExperience" }, conditions = { function() host.ms = host.ms + 2 end } }
  local function told()
    for _, line in ipairs((said(set, { name = "slow" }))) do
      if line:find("time spent", 1, true) then return line end
    end
  end
  equal(told(), nil)
  for _ = 1, 2 do set:dispatch('{"type":"serviceMessage","payload":' .. gain(1) .. "}") end
  equal(told(), "  time spent on conditions: 2000.0 µs an event, measured for one in 1")
end

return T
