-- What is asked of Twitch.

local nightjar = require "nightjar"
local equal = require("lib.testing").equal
local limits = require "limits"
local stand = require "spec.kit.stand"
local twitch = require "twitch"

local T = {}

local function made(changes)
  local stage = { clock = stand.clock(1788120000999), asked = {}, claims = {}, answers = {} }
  local options = {
    client_id = "client1", owner_id = "91943834", api_url = "https://api.example", now = stage.clock.now,
    encode = nightjar.json.encode, decode = nightjar.json.decode,
    sign = function(claims)
      stage.claims[#stage.claims + 1] = claims
      return "signed" .. #stage.claims
    end,
    app_token = function(how) return how and how.renew and "fresh" or "stored" end,
    fetch = function(request)
      stage.asked[#stage.asked + 1] = request
      local answer = stage.answers[#stage.asked]
      if answer.code then return nil, answer.code, answer.detail end
      return { status = answer[1], headers = answer[3] or {}, body = answer[2] or "" }
    end,
  }
  for name, value in pairs(changes or {}) do options[name] = value end
  stage.twitch = twitch.new(options)
  return stage
end

function T.a_message_to_the_viewers_of_a_channel()
  local stage = made()
  stage.answers[1] = { 204, "", { ["ratelimit-remaining"] = "98" } }
  equal(stage.twitch:broadcast("4711", '*1*0*1*{"a":"ö"}'), { ok = true, remaining = 98 })
  local request = stage.asked[1]
  equal({ request.method, request.url }, { "POST", "https://api.example/helix/extensions/pubsub" })
  equal(request.headers, {
    ["content-type"] = "application/json", ["client-id"] = "client1", authorization = "Bearer signed1",
  })
  equal(nightjar.json.decode(request.body), {
    message = '*1*0*1*{"a":"ö"}', broadcaster_id = "4711", target = { "broadcast" },
  })
  equal(stage.claims[1], {
    iat = 1788120000, exp = 1788120060, user_id = "91943834", channel_id = "4711", role = "external",
    pubsub_perms = { send = { "broadcast" } },
  })
end

function T.every_message_has_a_ticket_of_its_own()
  local stage = made()
  stage.answers = { { 204 }, { 204 } }
  for _ = 1, 2 do equal(stage.twitch:broadcast("4711", "x").ok, true) end
  equal(stage.asked[2].headers.authorization, "Bearer signed2")
end

function T.what_twitch_refuses_is_told_with_its_words()
  local stage = made()
  stage.answers = {
    { 422, '{"message":\n"too large"}' }, { 429, "", { ["ratelimit-remaining"] = "0" } },
    { code = "timeout" }, { code = "failed", detail = "reset" }, { 500, ("ü"):rep(1000) }, { 200, "odd" },
  }
  local function send() return stage.twitch:broadcast("4711", "x") end
  equal(send().reason, 'status 422: {"message": "too large"}')
  equal(send(), { ok = false, exhausted = true, remaining = 0, reason = "status 429: " })
  equal(send(), { ok = false, reason = "timeout" })
  equal(send().reason, "failed: reset")
  local reason = send().reason
  assert(#reason <= limits.logged_characters + 30 and utf8.len(reason), "cut, and still text")
  equal(send().ok, false, "only 204 is success")
  stage.answers[#stage.asked + 1] = { 401, '{"got":"Bearer eyJhbGciOi.eyJjaGFubm-_X2.c2ln-_","why":"no"}' }
  equal(send().reason, 'status 401: {"got":"Bearer ********","why":"no"}', "no ticket stands in the log")
end

function T.without_a_secret_nothing_is_asked()
  local stage = made { sign = function() return nil, "no_secret" end }
  equal(stage.twitch:broadcast("4711", "x"), {
    ok = false, off = true,
    reason = "not signed: no_secret: set the secret extension of argus, or ARGUS_EXTENSION_SECRET",
  })
  equal(stage.asked, {})
end

function T.the_name_of_a_channel()
  local stage = made()
  stage.answers[1] = { 200, '{"data":[{"id":"4711","display_name":"Some_One"}]}' }
  equal(stage.twitch:name_of "4711", "Some_One")
  equal(stage.asked[1].url, "https://api.example/helix/users?id=4711")
  equal(stage.asked[1].headers, { authorization = "Bearer stored", ["client-id"] = "client1" })
end

function T.a_token_that_has_ended_is_renewed_once()
  local stage = made()
  stage.answers = { { 401 }, { 200, '{"data":[{"display_name":"X"}]}' } }
  equal(stage.twitch:name_of "4711", "X")
  equal(stage.asked[2].headers.authorization, "Bearer fresh")
  stage.answers = { {}, {}, { 401 }, { 401 } }
  equal({ stage.twitch:name_of "4711" }, { nil, "refused" })
end

function T.a_name_that_cannot_be_had_is_none()
  local stage = made()
  stage.answers = {
    { 200, '{"data":[]}' }, { 200, "<html>" }, { 200, '{"data":[{"display_name":7}]}' }, { 503 }, { code = "timeout" },
  }
  for _, reason in ipairs { "no_such_user", "no_such_user", "no_such_user", "status 503", "timeout" } do
    equal({ stage.twitch:name_of "4711" }, { nil, reason })
  end
  stage = made { app_token = function() return nil, "unreachable" end }
  equal({ stage.twitch:name_of "4711" }, { nil, "unreachable" })
end

return T
