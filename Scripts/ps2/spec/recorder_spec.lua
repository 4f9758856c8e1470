-- Lines of a recording, and pieces of one.

local nightjar = require "nightjar"
local core = require "core"
local equal = require("lib.testing").equal
local intake = require "intake"
local recorder = require "recorder"
require "spec.kit.stand"

local T = {}

function T.what_a_line_may_be()
  equal(recorder.read '{"at":5,"message":{"a":12345678901234567890}}', { at = 5, text = '{"a":12345678901234567890}' })
  equal(recorder.read '{"at":5,"text":"<html>"}', { at = 5, text = "<html>" })
  equal(recorder.read '{"at":5,"census":"world world_id 17","value":null}', {
    at = 5, census = "world world_id 17", value = false,
  })
  local raw = '{"payload":{"event_name":"Death","timestamp":"1681105322"},"service":"event"}'
  equal(recorder.read(raw), { at = 1681105322000, text = raw })
end

function T.what_is_no_line()
  for line, problem in pairs {
    ['{"at":5}'] = "has none of message, text, census and payload", ['{"at":5,"text":7}'] = "text: a text expected",
    ["[1]"] = "has none of", ["7"] = "is no JSON object", ["{"] = "",
  } do
    local entry, said = recorder.read(line)
    assert(entry == nil and said:find(problem, 1, true), line .. " → " .. tostring(said))
  end
end

function T.a_recording_is_what_came_after_it_began()
  intake.take '{"before":1}'
  local first = recorder.piece()
  intake.take '{"service":"event","n":9007199254740993}'
  intake.take "<html>"
  core.census:remember("world world_id 17", false)
  local piece = recorder.piece(first.next)
  equal({ #first.lines, #piece.lines, piece.missing, piece.more }, { 0, 3, 0, false })
  equal(piece.lines[1]:gsub('"at":%d+', '"at":0'), '{"at":0,"message":{"service":"event","n":9007199254740993}}')
  equal(nightjar.json.decode(piece.lines[2]).text, "<html>")
  equal(nightjar.json.decode(piece.lines[3]).census, "world world_id 17")
  equal(#recorder.piece(piece.next).lines, 0)
  recorder.stop()
  equal(intake.tap, nil)
end

function T.a_piece_of_a_storm_fits_into_one_answer()
  local piece = recorder.piece()
  for n = 1, 4000 do
    intake.take(('{"payload":{"event_name":"FishScan","a":"1","b":"1","c":"1","d":"1","e":"1","f":"%d"%s},"x":"y"}')
      :format(n, (',"long":"1"'):rep(20)))
  end
  local count = 0
  repeat
    piece = recorder.piece(piece.next)
    assert(nightjar.json.encode(piece))
    count = count + #piece.lines
    equal(piece.missing, 0)
  until not piece.more
  equal(count, 4000)
  recorder.stop()
end

function T.a_line_that_is_too_long_is_missing()
  local piece = recorder.piece()
  intake.take(('{"long":"%s"}'):format(("x"):rep(recorder.OPTIONS.line_bytes)))
  intake.take '{"n":1}'
  piece = recorder.piece(piece.next)
  equal({ #piece.lines, piece.missing, piece.more }, { 1, 1, false })
  recorder.stop()
end

function T.a_reload_carries_the_latest_lines_and_counts_those_before()
  local kept = recorder.OPTIONS.carried_bytes
  recorder.OPTIONS.carried_bytes = 100
  local piece = recorder.piece()
  for n = 1, 20 do intake.take(('{"n":%d}'):format(n)) end
  -- What the next generation does.
  recorder.resume()
  intake.take '{"n":21}'
  recorder.OPTIONS.carried_bytes = kept
  local after = recorder.piece(piece.next)
  assert(#after.lines > 1 and after.missing > 10, #after.lines)
  equal({ #after.lines + after.missing, after.lines[#after.lines]:match '"n":%d+' }, { 21, '"n":21' })
  recorder.stop()
  recorder.resume()
  equal(intake.tap, nil)
end

function T.what_cannot_be_recorded_whole_stops_no_recording()
  local piece = recorder.piece()
  intake.take(("\1"):rep(400000))
  intake.take '{"after":1}'
  core.census:remember("big", { (("x"):rep(5 << 20)) })
  piece = recorder.piece(piece.next)
  equal({ #piece.lines, piece.missing }, { 2, 1 })
  assert(#piece.lines[1] < 500000 and piece.lines[2]:find('{"after":1}', 1, true))
  recorder.stop()
end

function T.blanks_between_members_make_no_experience_a_duplicate()
  local text = '{"payload": {"amount": "5", "character_id": "1", "event_name": "GainExperience", "experience_id": "7",'
    .. ' "loadout_id": "1", "other_id": "2", "timestamp": "1", "world_id": "17", "zone_id": "2"},'
    .. ' "service": "event", "type": "serviceMessage"}'
  local before, dropped = core.counts.events, core.duplicates.kept.dropped
  for _ = 1, 3 do intake.take(text) end
  equal({ core.counts.events - before, core.duplicates.kept.dropped - dropped }, { 3, 0 })
  text = text:gsub("GainExperience", "PlayerLogin")
  for _ = 1, 3 do intake.take(text) end
  equal({ core.counts.events - before, core.duplicates.kept.dropped - dropped }, { 4, 2 })
end

function T.the_same_payload_is_a_duplicate_whatever_is_around_it()
  local before, dropped = core.counts.events, core.duplicates.kept.dropped
  local function came(text)
    intake.take(text)
    return { core.counts.events - before, core.duplicates.kept.dropped - dropped }
  end
  local login = '{"character_id":"31","event_name":"PlayerLogin","timestamp":"1","world_id":"17"}'
  equal(came('{"payload":' .. login .. ',"service":"event","type":"serviceMessage"}'), { 1, 0 })
  equal(came('{"service":"event","type":"serviceMessage","payload":' .. login .. "}"), { 1, 1 })
  equal(came('{"type":"serviceMessage","payload" : ' .. login .. ' , "service":"event" }\n'), { 1, 2 })
  equal(came('{"payload":' .. login:gsub("31", "32") .. ',"service":"event","type":"serviceMessage"}'), { 2, 2 })
end

function T.what_looks_alike_up_to_a_brace_is_no_duplicate()
  local before, dropped = core.counts.events, core.duplicates.kept.dropped
  local function came(payload, type)
    intake.take(('{"payload":%s,"service":"event","type":"%s"}'):format(payload, type or "serviceMessage"))
    return { core.counts.events - before, core.duplicates.kept.dropped - dropped }
  end
  -- Braces in a text, of a table inside; and a message that is none of an event.
  local item = '{"character_id":"1","context":"%s","event_name":"ItemAdded","item_count":"%d","item_id":"1",'
    .. '"timestamp":"1","world_id":"17","zone_id":"2"}'
  for n, context in ipairs { "a}", "a},", "a}, ", 'a},\\"b\\":', "a}}" } do
    equal(came(item:format(context, 1)), { n * 2 - 1, 0 }, context)
    equal(came(item:format(context, 2)), { n * 2, 0 }, context)
  end
  equal(came '{"a":{"x":"1"},"event_name":"NewOne","b":"1"}', { 11, 0 })
  equal(came '{"a":{"x":"1"},"event_name":"NewOne","b":"2"}', { 12, 0 })
  local login = '{"character_id":"33","event_name":"PlayerLogin","timestamp":"1","world_id":"17"}'
  equal(came(login, "serviceNote"), { 12, 0 })
  equal(came(login), { 13, 0 })
end

function T.what_the_page_shows_is_utf8()
  local recent = core.recent
  recent:print("x" .. ("é"):rep(400), 1)
  recent:print("\xff", 1)
  recent:add("x" .. ("é"):rep(10000), 1, 0)
  assert(nightjar.json.encode { recent.kept.printed, recent:since(0) })
end

function T.what_is_not_fetched_in_time_is_missed_and_counted()
  local kept = recorder.OPTIONS.lines
  recorder.OPTIONS.lines = 10
  local piece = recorder.piece()
  for n = 1, 25 do intake.take(('{"n":%d}'):format(n)) end
  local after = recorder.piece(piece.next)
  recorder.OPTIONS.lines = kept
  equal({ #after.lines, after.missing }, { 10, 15 })
  recorder.stop()
end

return T
