-- What comes from the game, and what it is answered.

local equal = require("lib.testing").equal
local intake = require "intake"
local limits = require "limits"
local stand = require "spec.kit.stand"

local T = {}

local function made()
  local stage = { taken = {}, tapped = {} }
  local counted, counts = stand.counter()
  stage.counts = counts
  stage.intake = intake.new {
    people = { channel_of = function(_, token) return token == "right" and "4711" or nil end },
    take = function(channel, strings) stage.taken[#stage.taken + 1] = { channel, strings } end,
    counted = counted,
    tap = function(channel, text, object)
      stage.tapped[#stage.tapped + 1] = { channel or "-", text, object ~= nil }
    end,
    strings = { read = function(_, body)
      if body.gameState == "none" then return nil, "nothing", "no weapon trait" end
      if type(body.runData) ~= "table" then return nil, "bad_run_data", "runData must be an object" end
      return body.runData
    end },
  }
  function stage.post(text) return stage.intake:post(stand.request { body = text }) end
  return stage
end

local RUN = '"runData":{"boonData":"NOBOONS"}'

function T.a_run_is_taken()
  local stage = made()
  for _, version in ipairs { "", '"argusProtocolVersion":"1",', '"argusProtocolVersion":"2",' } do
    local answer = stage.post("{" .. version .. '"argusToken":"right",' .. RUN .. "}")
    equal({ answer.status, answer.body }, { 200, "ok" })
  end
  equal(#stage.taken, 3)
  equal(stage.taken[1], { "4711", { boonData = "NOBOONS" } })
end

function T.the_token_is_looked_at_first_then_the_version_then_the_run()
  local stage = made()
  for text, body in pairs {
    ['{"argusProtocolVersion":"9"}'] = "bad_argus_token",
    ['{"argusProtocolVersion":"9","argusToken":"wrong"}'] = "bad_argus_token",
    ['{"argusToken":7,' .. RUN .. "}"] = "bad_argus_token",
    ['{"argusToken":null}'] = "bad_argus_token",
    [""] = "bad_argus_token",
    ["[]"] = "bad_argus_token",
    ['{"argusProtocolVersion":"9","argusToken":"right"}'] = "bad_protocol_version",
    ['{"argusProtocolVersion":2,"argusToken":"right",' .. RUN .. "}"] = "bad_protocol_version",
    ['{"argusProtocolVersion":null,"argusToken":"right",' .. RUN .. "}"] = "bad_protocol_version",
  } do
    local answer = stage.post(text)
    equal({ answer.status, answer.body }, { 200, body }, text)
  end
  equal(stage.post('{"argusToken":"right"}').status, 400)
  equal(stage.post('{"argusToken":"right","runData":7}').json.error.code, "bad_run_data")
  equal(stage.taken, {})
end

function T.what_is_no_json_is_refused()
  local stage = made()
  equal(stage.post('{"argusToken":"right",').status, 400)
  equal(stage.counts.refused, 1)
end

function T.a_body_may_have_a_hundred_kilobytes_and_a_game_state_more()
  local stage = made()
  local long = (" "):rep(limits.body_bytes)
  equal(stage.post('{"argusToken":"right",' .. long .. RUN .. "}").status, 413)
  equal(stage.post('{"argusToken":"right","gameState":{},' .. long .. RUN .. "}").body, "ok")
end

function T.a_game_state_that_is_no_run_is_no_mistake()
  local stage = made()
  local answer = stage.post('{"argusToken":"right","gameState":"none"}')
  equal({ answer.status, answer.body }, { 200, "ignored: no weapon trait" })
  equal({ stage.counts.empty, #stage.taken }, { 1, 0 })
end

function T.a_recorder_hears_what_has_a_right_token_and_what_cannot_be_read()
  local stage = made()
  local good = '{"argusToken":"right",' .. RUN .. "}"
  for _, text in ipairs { '{"argusToken":"wrong"}', good, "{" } do stage.post(text) end
  equal(stage.tapped, { { "4711", good, true }, { "-", "{", false } })
end

return T
