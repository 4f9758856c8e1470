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
  intake.take(("x"):rep(1 << 20))
  intake.take(('{"long":"%s"}'):format(("x"):rep(recorder.OPTIONS.line_bytes)))
  intake.take '{"n":1}'
  piece = recorder.piece(piece.next)
  equal({ #piece.lines, piece.missing, piece.more }, { 1, 2, false })
  recorder.stop()
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
