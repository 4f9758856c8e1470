-- Logging in, tokens, view keys.

local equal = require("lib.testing").equal
local limits = require "limits"
local login = require "login"
local people = require "people"
local stand = require "spec.kit.stand"

local T = {}

local STATE = "0123456789abcdef0123456789abcdef"

local function made()
  local stage = { clock = stand.clock(), tasks = stand.tasks(), tokens = stand.tokens(), asked = {} }
  stage.who = { subject = "4711", picture = "https://static.example/p%20q.png" }
  stage.people = people.new {
    tokens = stage.tokens, now = stage.clock.now, spawn = stage.tasks.spawn,
    name_of = function(channel)
      stage.asked[#stage.asked + 1] = channel
      if stage.nameless then return nil, "unreachable" end
      return "Some_One"
    end,
  }
  local counted, counts = stand.counter()
  stage.counts, stage.pending = counts, stand.pending()
  stage.login = login.new {
    people = stage.people, pending = stage.pending, counted = counted, kept = {}, now = stage.clock.now,
    flow = { identify = function(_, code)
      if stage.twitch_is_slow then coroutine.yield() end
      if code ~= "good" then return nil, "refused" end
      return stage.who
    end },
  }
  function stage.come_back(query)
    local answer = stage.login:came_back(stand.request { query = query })
    equal(answer.status, 302)
    return answer.headers.location
  end
  function stage.fetch(version, state)
    local fields = { '"state":"' .. (state or STATE) .. '"' }
    if version then fields[2] = '"argusProtocolVersion":"' .. version .. '"' end
    local request = stand.request { body = "{" .. table.concat(fields, ",") .. "}" }
    return stage.login:fetch(request).body
  end
  function stage.check(query) return stage.login:check(stand.request { query = query }).body end
  return stage
end

function T.a_login_gives_a_token_once()
  local stage = made()
  equal(stage.fetch "2", "FAIL")
  equal(stage.come_back { code = "good", state = STATE }, "/auth_success.html")
  local reply = stage.fetch "2"
  local token, picture = reply:match "^(%x+)\n([^\n]*)$"
  equal({ #token, picture }, { 16, stage.who.picture })
  equal(stage.fetch "2", "FAIL")
  equal(stage.check { argus_token = token, argusProtocolVersion = "2" }, "token_ok")
end

function T.the_first_version_gets_the_token_alone()
  for _, version in ipairs { "1", false } do
    local stage = made()
    stage.come_back { code = "good", state = STATE }
    assert(stage.fetch(version or nil):find "^%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x$")
  end
end

function T.without_a_picture_the_second_part_is_empty()
  for _, picture in ipairs { false, "javascript:alert(1)", "https://a/\nb", ("x"):rep(5000), 7 } do
    local stage = made()
    stage.who.picture = picture or nil
    stage.come_back { code = "good", state = STATE }
    assert(stage.fetch("2"):find "^%x+\n$", tostring(picture))
  end
end

function T.an_unknown_version_leaves_the_login_where_it_is()
  local stage = made()
  stage.come_back { code = "good", state = STATE }
  equal(stage.fetch "3", "bad_protocol_version")
  assert(stage.fetch("2") ~= "FAIL")
end

function T.what_goes_wrong_ends_on_the_page_that_says_so_and_stores_nothing()
  local stage = made()
  for _, query in ipairs {
    { error = "access_denied", state = STATE }, { state = STATE }, { code = "", state = STATE },
    { code = "bad", state = STATE }, { code = "good" }, { code = "good", state = "" },
    { code = "good", state = ("a"):rep(limits.state_bytes + 1) }, { code = "good", state = "a b" },
  } do
    equal(stage.come_back(query), "/auth_fail.html")
  end
  for _, subject in ipairs { false, "", "a/b", ("1"):rep(65), 4711 } do
    stage.who.subject = subject or nil
    equal(stage.come_back { code = "good", state = STATE }, "/auth_fail.html")
  end
  equal(stage.pending.list, {})
  equal(stage.counts.logins_failed, 13)
end

function T.an_erased_channel_has_no_login_left_that_was_begun_before()
  local stage = made()
  local other = ("f"):rep(32)
  stage.come_back { code = "good", state = STATE }
  stage.who = { subject = "4712" }
  stage.come_back { code = "good", state = other }
  stage.login:forget "4711"
  equal(stage.fetch "1", "FAIL")
  assert(stage.fetch("1", other) ~= "FAIL", "the other one's goes on")
  stage.who = { subject = "4711" }
  equal(stage.come_back { code = "good", state = STATE }, "/auth_success.html")
  assert(stage.fetch("1") ~= "FAIL", "one that is begun afterwards is a new one")
end

function T.a_login_of_which_twitch_is_being_asked_is_ended_too()
  for _, forget in ipairs {
    function(all) all:forget "4711" end, function(all) all:forget_all() end,
    function(all) for n = 1, limits.erased_channels + 2 do all:forget(tostring(4711 + n)) end end,
  } do
    local stage = made()
    stage.twitch_is_slow = true
    local page
    local browser = coroutine.wrap(function() page = stage.come_back { code = "good", state = STATE } end)
    browser()
    forget(stage.login)
    browser()
    equal({ page, stage.fetch "1" }, { "/auth_fail.html", "FAIL" })
  end
end

function T.a_login_that_could_not_be_stored_is_ended_as_well()
  local stage = made()
  stage.come_back { code = "good", state = STATE }
  stage.tokens.fails = true
  equal(stage.fetch "1", "FAIL")
  stage.login:forget "4711"
  stage.tokens.fails = false
  equal(stage.fetch "1", "FAIL")
  equal(stage.pending.list, {})
end

function T.erased_channels_are_forgotten_when_no_login_of_before_can_go_on()
  local stage = made()
  local kept = stage.login.options.kept
  for _, channel in ipairs { "4711", "4712", "no channel", ("1"):rep(65) } do stage.login:forget(channel) end
  equal({ kept.channels["4711"].number, kept.channels["4712"].number, kept.erasures }, { 1, 2, 2 })
  stage.clock.pass(limits.erased_ms + 1)
  stage.login:forget "4713"
  equal({ kept.channels["4711"], kept.channels["4712"], kept.channels["4713"].number }, { nil, nil, 3 })
end

function T.a_newer_login_with_the_same_state_replaces_the_one_before()
  local stage = made()
  stage.come_back { code = "good", state = STATE }
  stage.who = { subject = "4712" }
  stage.come_back { code = "good", state = STATE }
  local token = stage.fetch "1"
  equal(stage.people:channel_of(token), "4712")
end

function T.one_token_for_each_channel()
  local stage = made()
  local tokens = {}
  for n = 1, 2 do
    stage.come_back { code = "good", state = STATE }
    tokens[n] = stage.fetch "1"
  end
  equal({ stage.check { argus_token = tokens[1] }, stage.check { argus_token = tokens[2] } }, {
    "token_not_ok", "token_ok",
  })
end

function T.a_store_that_fails_costs_a_second_and_not_the_login()
  local stage = made()
  stage.come_back { code = "good", state = STATE }
  stage.tokens.fails = true
  equal(stage.fetch "1", "FAIL")
  stage.tokens.fails = false
  assert(stage.fetch("1"):find "^%x+$")
end

function T.checking_a_token()
  local stage = made()
  equal(stage.check {}, "token_not_ok")
  equal(stage.check { argus_token = "0000000000000000" }, "token_not_ok")
  equal(stage.check { argus_token = "x", argusProtocolVersion = "9" }, "bad_protocol_version")
end

function T.the_name_is_looked_up_when_the_token_is_first_used()
  local stage = made()
  local token = stage.people:issue("4711")
  equal(stage.people:channel_of(token), "4711")
  stage.people:channel_of(token)
  stage.tasks.run()
  equal({ stage.asked, stage.people:of("4711").name }, { { "4711" }, "Some_One" })
  stage.people:channel_of(token)
  equal(stage.tasks.run(), 0)
end

function T.a_name_that_cannot_be_had_is_asked_for_again_later()
  local stage = made()
  stage.nameless = true
  local token = stage.people:issue("4711")
  for _ = 1, 3 do
    equal(stage.people:channel_of(token), "4711")
    stage.tasks.run()
  end
  equal(#stage.asked, 1)
  stage.clock.pass(limits.name_again_ms)
  stage.nameless = false
  stage.people:channel_of(token)
  stage.tasks.run()
  equal(stage.people:of("4711").name, "Some_One")
end

function T.what_is_no_token_belongs_to_nobody()
  local stage = made()
  stage.people:issue("4711")
  for _, token in ipairs { false, 7, "", {}, "ABC%", ("a"):rep(65) } do
    equal(stage.people:channel_of(token), nil)
  end
end

function T.a_view_key_opens_one_channel_until_it_is_renewed()
  local stage = made()
  stage.people:issue("4711")
  stage.people:issue("4712")
  assert(not stage.people:opens("4711", "", 0), "no key has been made")
  local key = stage.people:view_key("4711")
  equal({ #key, stage.people:view_key("4711") }, { 32, key })
  assert(stage.people:opens("4711", key, 0))
  assert(not stage.people:opens("4712", key, 0))
  assert(not stage.people:opens("4713", key, 0))
  local renewed = stage.people:view_key("4711", true)
  assert(renewed ~= key and not stage.people:opens("4711", key, 0) and stage.people:opens("4711", renewed, 0))
  equal({ stage.people:view_key("4713") }, { nil, "none" })
end

function T.a_key_of_a_delay_opens_with_this_delay_only()
  local stage = made()
  stage.tokens:issue("4711", {})
  local key = assert(stage.people:view_key("4711"))
  local delayed = assert(stage.people:delayed_key("4711", key, 60))
  equal({ #delayed, delayed ~= key, stage.people:delayed_key("4711", delayed, 60) }, { 32, true, delayed })
  assert(stage.people:opens("4711", delayed, 60) and stage.people:opens("4711", key, 60))
  for _, delay in ipairs { 0, 1, 59, 61, 600 } do assert(not stage.people:opens("4711", delayed, delay), delay) end
  equal(stage.people:delayed_key("4711", delayed, 0), nil)
  equal(stage.people:delayed_key("4712", key, 60), nil)
  equal(stage.people:delayed_key("4711", "", 60), nil)
  stage.people:view_key("4711", true)
  assert(not stage.people:opens("4711", delayed, 60), "a new key ends those of the delays, too")
end

function T.a_name_and_a_view_key_that_come_together_are_both_kept()
  for _, key_first in ipairs { true, false } do
    local stage = made()
    stage.people:issue("4711")
    local update = stage.tokens.update
    stage.tokens.update = function(...)
      coroutine.yield()
      return update(...)
    end
    local key
    local asks = coroutine.create(function() key = stage.people:view_key("4711") end)
    local function ask() coroutine.resume(asks) end
    stage.people:look_up("4711")
    for _ = 1, 2 do
      if key_first then ask() end
      stage.tasks.run()
      if not key_first then ask() end
    end
    assert(key and stage.people:opens("4711", key, 0), "the key that was given out opens")
    equal(stage.people:of("4711").name, "Some_One")
  end
end

function T.a_view_key_survives_a_new_token()
  local stage = made()
  stage.people:issue("4711")
  local key = stage.people:view_key("4711")
  stage.people:issue("4711", "https://p")
  equal(stage.people:view_key("4711"), key)
end

function T.guesses_open_nothing()
  local stage = made()
  stage.people:issue("4711")
  local key = stage.people:view_key("4711")
  local random = require("lib.testing").random(11)
  for _ = 1, 500 do
    local guess = ("%016x%016x"):format(random:next(), random:next())
    assert(guess == key or not stage.people:opens("4711", guess, 0))
  end
  for length = 0, 31 do assert(not stage.people:opens("4711", key:sub(1, length), 0)) end
end

return T
