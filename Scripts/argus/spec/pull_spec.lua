-- What viewers and streamers' pages ask for.

local nightjar = require "nightjar"
local dashboard = require "dashboard"
local equal = require("lib.testing").equal
local people = require "people"
local pull = require "pull"
local runs = require "runs"
local stand = require "spec.kit.stand"

local T = {}

local function made()
  local stage = { clock = stand.clock(), tokens = stand.tokens(), closed = {}, claims = { channel_id = "4711" } }
  stage.people = people.new {
    tokens = stage.tokens, now = stage.clock.now, spawn = function() end, is_offline = true,
  }
  stage.runs = runs.new {
    kept = {}, now = stage.clock.now,
    make = function(strings) return { text = strings.boonData, count = 1, etag = '"' .. #strings.boonData .. '"' } end,
  }
  stage.pull = pull.new {
    people = stage.people, runs = stage.runs, counted = function() end,
    verify = function(token)
      if token ~= "signed" then return nil, "signature" end
      return stage.claims
    end,
    close_overlays = function(channel) stage.closed[#stage.closed + 1] = channel end,
  }
  function stage.ask(name, headers)
    return stage.pull[name](stage.pull, stand.request { headers = headers or { ["x-extension-jwt"] = "signed" } })
  end
  return stage
end

function T.a_login_is_known_by_the_channel_of_the_extensions_token()
  local stage = made()
  equal(stage.ask("check_login").body, "FAIL")
  stage.people:issue("4711")
  equal(stage.ask("check_login").body, "LOGIN_OK")
  for _, headers in ipairs { {}, { ["x-extension-jwt"] = "forged" } } do
    local answer = stage.ask("check_login", headers)
    equal({ answer.status, answer.body }, { 200, "FAIL" })
  end
  stage.claims = { channel_id = 4711 }
  equal(stage.ask("check_login").body, "FAIL")
  stage.claims = {}
  equal(stage.ask("check_login").body, "FAIL")
end

function T.the_last_state_with_a_tag()
  local stage = made()
  equal(stage.ask("run_data").body, "NO_DATA")
  stage.runs:put("4711", { boonData = "{}" })
  local answer = stage.ask("run_data")
  equal({ answer.status, answer.body, answer.headers.etag }, { 200, "{}", '"2"' })
  equal(answer.headers.vary, "x-extension-jwt")
  local again = stage.ask("run_data", { ["x-extension-jwt"] = "signed", ["if-none-match"] = '"2"' })
  equal({ again.status, again.body }, { 304, "" })
  stage.runs:put("4711", { boonData = "{ }" })
  equal(stage.ask("run_data", { ["x-extension-jwt"] = "signed", ["if-none-match"] = '"2"' }).body, "{ }")
  equal(stage.ask("run_data", { ["if-none-match"] = '"3"' }).body, "NO_DATA")
end

function T.a_channel_sees_its_own_state_only()
  local stage = made()
  stage.runs:put("4712", { boonData = "{}" })
  equal(stage.ask("run_data").body, "NO_DATA")
end

function T.the_view_key_is_for_who_has_the_games_token()
  local stage = made()
  local token = stage.people:issue("4711")
  local function ask(body)
    return stage.pull:view_key(stand.request { body = nightjar.json.encode(body) })
  end
  equal(ask({ argusToken = "0000000000000000" }).status, 401)
  equal(ask({}).status, 401)
  local answer = ask { argusToken = token }
  equal({ answer.status, answer.json.channel, #answer.json.key }, { 200, "4711", 32 })
  -- Who has it gets the keys of delays, and who has one of these gets no other.
  local key = answer.json.key
  local delayed = ask { channel = "4711", key = key, delay = 60 }
  equal({ delayed.status, delayed.json.channel, #delayed.json.key }, { 200, "4711", 32 })
  equal(ask({ channel = "4711", key = delayed.json.key, delay = 60 }).json.key, delayed.json.key)
  equal(ask({ channel = "4711", key = delayed.json.key, delay = 30 }).status, 401)
  equal(ask({ channel = "4711", key = delayed.json.key, delay = 0 }).status, 401)
  equal(ask({ channel = "4712", key = key, delay = 60 }).status, 401)
  for _, delay in ipairs { "60", -1, 601, 0 / 0, {} } do
    local body = stand.request { body = "{}" }
    body.body = nightjar.json.encode { channel = "4711", key = key, delay = delay == delay and delay or "nan" }
    equal(stage.pull:view_key(body).status, 400)
  end
  equal(ask({ argusToken = token }).json.key, answer.json.key)
  equal(stage.closed, {})
  assert(ask({ argusToken = token, renew = true }).json.key ~= answer.json.key)
  equal(stage.closed, { "4711" })
  stage.tokens.fails = true
  equal(ask({ argusToken = token, renew = true }).status, 503)
end

function T.the_dashboard_shows_all_channels_to_who_may_see_them()
  local stage = made()
  local pauses = 0
  local function board(is_open)
    return dashboard.new {
      people = stage.people, runs = stage.runs, is_open = is_open,
      gate = require("lib.gate").new "dashboard", pause = function() pauses = pauses + 1 end,
    }
  end
  local here = { host = "127.0.0.1:3000" }
  equal(board(false):get(stand.request { headers = here }).body, "{}")
  stage.people:issue("4711", "https://p/1")
  for n = 1, 25 do stage.runs:put(n == 1 and "4711" or "c" .. n, { boonData = '{"n":' .. n .. "}" }) end
  local all = nightjar.json.decode(board(false):get(stand.request { headers = here }).body)
  equal(all["4711"], {
    runData = { n = 1 }, timestamp = stage.clock.time,
    twitchProfile = { twitchId = "4711", twitchProfilePic = "https://p/1" },
  })
  equal({ all.c25.runData.n, pauses }, { 25, 2 })
  for _, fields in ipairs {
    { remote = "10.0.0.7", headers = here }, { headers = { host = here.host, ["x-forwarded-for"] = "1" } },
    { headers = { host = here.host, origin = "https://evil.example" } },
  } do
    equal(board(false):get(stand.request(fields)).status, 401)
    equal(board(true):get(stand.request(fields)).status, 200)
  end
end

return T
