-- Look-ups: what is asked, how often, and what is said when the service is down.

local nightjar = require "nightjar"
local census = require "census"
local equal = require("lib.testing").equal

local T = {}

---@return ps2.Census service
---@return table host what the spec looks at and moves
local function new(options)
  local host = { ms = 1000000, urls = {}, slept = {}, woken = {}, answers = {} }
  local given = {
    url = "http://127.0.0.1:9", service_id = "example", namespace = "ps2:v2", per_minute = 600, timeout = 5,
    pause_ms = 5000,
    now = function() return host.ms end,
    sleep = function(seconds)
      host.slept[#host.slept + 1] = seconds
      host.ms = host.ms + seconds * 1000
      if coroutine.isyieldable() then coroutine.yield("sleep") end
    end,
    wait = function(name) coroutine.yield(name) end,
    notify = function(name) host.woken[#host.woken + 1] = name end,
    fetch = function(request)
      host.urls[#host.urls + 1] = request.url
      if coroutine.isyieldable() then coroutine.yield("fetch") end
      local answer = table.remove(host.answers, 1)
      if type(answer) == "table" and answer.code then return nil, answer.code, answer.detail end
      if type(answer) == "table" then return answer end
      return { status = 200, body = answer or '{"character_list":[],"returned":0}' }
    end,
  }
  for key, value in pairs(options or {}) do given[key] = value end
  return census.new(given), host
end

local CHARACTER = { collection = "character", field = "character_id" }

local function row(id, name)
  return ('{"character_id":"%s","name":{"first":"%s"}}'):format(id, name or "x")
end

local function characters(...)
  return '{"character_list":[' .. table.concat({ ... }, ",") .. '],"returned":1}'
end

function T.the_queries_of_the_protocol()
  local function query(...) return census.query("ps2:v2", ...) end
  equal(query("character", { character_id = 5428010618013876561 }),
    "/get/ps2:v2/character?character_id=5428010618013876561")
  equal(query("character", { character_id = { "A", "B" } }, 10), "/get/ps2:v2/character?character_id=A,B&c:limit=10")
  equal(query("characters_world", { character_id = "A", ["c:join"] = "world^on:world_id^to:world_id" }),
    "/get/ps2:v2/characters_world?character_id=A&c:join=world^on:world_id^to:world_id")
  equal(query("world", { world_id = 17 }, 1), "/get/ps2:v2/world?world_id=17")
  equal(query("character", { ["name.first_lower"] = "a b&c=d/é" }),
    "/get/ps2:v2/character?name.first_lower=a%20b%26c%3Dd%2F%C3%A9")
end

function T.only_the_official_service_gets_the_service_id_in_the_path()
  local service, host = new { url = "https://census.daybreakgames.com", service_id = "bot" }
  service:find("world", { world_id = 17 })
  equal(host.urls, { "https://census.daybreakgames.com/s:bot/get/ps2:v2/world?world_id=17" })
  service, host = new()
  service:find("world", { world_id = 17 })
  equal(host.urls, { "http://127.0.0.1:9/get/ps2:v2/world?world_id=17" })
end

function T.five_retries_with_growing_waits_then_a_clear_answer()
  local service, host = new()
  for _ = 1, 6 do host.answers[#host.answers + 1] = { code = "connect_failed", detail = "refused" } end
  local rows, code, detail = service:find("character", { character_id = 1 })
  equal({ rows, code, detail }, { nil, "unavailable", "connect_failed: refused" })
  equal(host.slept, { 0, 0.001, 0.01, 0.1, 1 })
  -- Down: whoever asks now is told at once, later it is tried again.
  rows, code, detail = service:find("character", { character_id = 2 })
  equal({ rows, code, detail }, { nil, "unavailable", "Census is down: connect_failed: refused" })
  equal(#host.urls, 6)
  host.ms = host.ms + 5001
  assert(service:find("character", { character_id = 2 }))
  equal(service:status().down, nil)
end

function T.what_is_tried_again_and_what_is_not()
  local again = {
    '{"error":"service_unavailable"}', { status = 302, body = "" }, { status = 500, body = "" },
    "<html>maintenance</html>",
  }
  for _, answer in ipairs(again) do
    local service, host = new()
    host.answers = { answer, characters(row(1)) }
    assert(service:find("character", { character_id = 1 }))
    equal(#host.urls, 2)
  end
  local final = {
    { '{"error":"No data found."}', "no_such_collection" }, { '{"error":"Bad request syntax."}', "bad_request" },
    { '{"error":"Provided Service ID is not registered.  A valid Service ID is required"}', "bad_service_id" },
    { '{"error":"Missing Service ID.  A valid Service ID is required"}', "rate_limited" },
    { '{"errorCode":"SERVER_ERROR"}', "server_error" },
    { '{"errorCode":"SERVER_ERROR","errorMessage":"INVALID_SEARCH_TERM: x"}', "bad_search" },
    { '{"something":"else"}', "server_error" },
  }
  for _, case in ipairs(final) do
    local service, host = new()
    host.answers = { case[1] }
    local rows, code = service:find("character", { character_id = 1 })
    equal({ rows, code, #host.urls }, { nil, case[2], 1 }, case[1])
  end
end

function T.a_status_that_is_an_error_is_tried_again_whatever_the_body_says()
  local cases = {
    { 500, '{"errorCode":"SERVER_ERROR"}', "unavailable", "status 500: SERVER_ERROR" },
    { 503, '{"error":"maintenance"}', "unavailable", "status 503: maintenance" },
    { 500, '{"error":"Bad request syntax."}', "unavailable", "status 500: Bad request syntax." },
    { 404, "{}", "unavailable", "status 404" },
    { 403, '{"error":"forbidden"}', "unavailable", "status 403: forbidden" },
  }
  for _, case in ipairs(cases) do
    local service, host = new()
    host.answers = { characters(row(1, "Ada")) }
    service:find("character", { character_id = 1 })
    host.ms = host.ms + 3600000
    for _ = 1, 6 do host.answers[#host.answers + 1] = { status = case[1], body = case[2] } end
    local rows, code, detail = service:find("character", { character_id = 2 })
    equal({ rows, code, detail, #host.urls }, { nil, case[3], case[4], 7 }, case[2])
    equal(service:status().down.detail, case[4])
    -- Down: what was known is told instead.
    rows, code, detail = service:find("character", { character_id = 1 })
    equal({ rows[1].name.first, code > 3600, detail, #host.urls }, { "Ada", true, "stale", 7 })
  end
end

function T.who_asks_wrongly_does_not_take_the_service_down_for_others()
  local service, host = new()
  for _ = 1, 6 do host.answers[#host.answers + 1] = { status = 400, body = '{"error":"Bad request syntax."}' } end
  local rows, code, detail = service:find("character", { ["?"] = 1 })
  equal({ rows, code, detail, #host.urls }, { nil, "bad_request", "status 400: Bad request syntax.", 6 })
  equal(service:status().down, nil)
  assert(service:find("character", { character_id = 1 }))
end

function T.answers_are_remembered_with_their_age()
  local service, host = new()
  host.answers = { characters(row(1, "Ada")) }
  local rows, age = service:by_id(CHARACTER, { 1 })
  equal({ rows["1"].name.first, age }, { "Ada", 0.0 })
  host.ms = host.ms + 60000
  rows, age = service:by_id(CHARACTER, { "1" })
  equal({ rows["1"].name.first, age, #host.urls }, { "Ada", 60.0, 1 })
  host.ms = host.ms + 300000
  service:by_id(CHARACTER, { 1 })
  equal(#host.urls, 2)
end

function T.how_long_answers_are_good()
  local DAY, MINUTE = 86400000, 60000
  for collection, good in pairs {
    title = DAY, world = DAY, metagame_event = DAY, character = 5 * MINUTE, outfit = MINUTE,
  } do
    local service, host = new()
    local answer = ('{"%s_list":[{"%s_id":"7"}],"returned":1}'):format(collection, collection)
    host.answers = { answer, answer }
    service:find(collection, { id = 7 })
    host.ms = host.ms + good - 1
    service:find(collection, { id = 7 })
    equal(#host.urls, 1, collection)
    host.ms = host.ms + 1
    service:find(collection, { id = 7 })
    equal(#host.urls, 2, collection)
  end
end

function T.an_answer_of_yesterday_is_none()
  local service, host = new()
  host.answers = { characters(row(1, "Ada")) }
  service:by_id(CHARACTER, { 1 })
  host.ms = host.ms + 86400000
  for _ = 1, 6 do host.answers[#host.answers + 1] = { status = 503, body = "" } end
  equal(select(2, service:by_id(CHARACTER, { 1 })), "unavailable")
end

function T.how_often_it_may_be_asked()
  equal({ census.allowance("example", 0), census.allowance("bot", 0), census.allowance("example", 7) }, { 10, 120, 7 })
end

function T.while_the_service_is_down_an_old_name_is_better_than_none()
  local service, host = new()
  host.answers = { characters(row(1, "Ada")) }
  service:by_id(CHARACTER, { 1 })
  host.ms = host.ms + 3600000
  for _ = 1, 6 do host.answers[#host.answers + 1] = { status = 503, body = "" } end
  local rows, age, stale = service:by_id(CHARACTER, { 1 })
  equal({ rows["1"].name.first, age > 3600, stale }, { "Ada", true, "stale" })
  rows = service:by_id(CHARACTER, { 1, 2 })
  equal(rows, nil)
end

-- Runs look-ups side by side, one step each in turn, until all are through.
local function side_by_side(host, ...)
  local tasks, results = {}, {}
  for index, fn in ipairs { ... } do
    tasks[index] = { task = coroutine.create(fn), waits = nil }
  end
  for _ = 1, 100 do
    local alive = false
    for index, one in ipairs(tasks) do
      local is_due = not one.waits or one.waits == "sleep" or one.waits == "fetch"
      for _, name in ipairs(host.woken) do is_due = is_due or name == one.waits end
      if is_due and coroutine.status(one.task) ~= "dead" then
        local ok, value = coroutine.resume(one.task)
        assert(ok, value)
        one.waits = value
        if coroutine.status(one.task) == "dead" then results[index] = value end
      end
      alive = alive or coroutine.status(one.task) ~= "dead"
    end
    if not alive then return results end
  end
  error("a look-up does not end")
end

function T.the_same_question_at_the_same_time_is_asked_once()
  local service, host = new()
  host.answers = { '{"title_list":[{"title_id":"7"}],"returned":1}' }
  local function ask() return (service:find("title", { title_id = 7 }))[1].title_id end
  equal(side_by_side(host, ask, ask, ask), { "7", "7", "7" })
  equal({ #host.urls, service.counts.joined }, { 1, 2 })
end

function T.single_ids_of_the_same_moment_are_one_request_and_told_apart()
  local service, host = new()
  -- In another order than they were asked for.
  host.answers = { characters(row(3, "Cleo"), row(1, "Ada")) }
  local function ask(id)
    return function()
      local found = assert(service:by_id(CHARACTER, { id }))[tostring(id)]
      return found and found.name.first or "nobody"
    end
  end
  equal(side_by_side(host, ask(1), ask(2), ask(3), ask(1)), { "Ada", "nobody", "Cleo", "Ada" })
  equal(host.urls, { "http://127.0.0.1:9/get/ps2:v2/character?character_id=1,2,3&c:limit=3" })
end

function T.a_failure_is_told_to_all_who_wait_for_it()
  local service, host = new()
  for _ = 1, 6 do host.answers[#host.answers + 1] = { code = "timeout", detail = "" } end
  local function ask() return select(2, service:by_id(CHARACTER, { 1 })) end
  equal(side_by_side(host, ask, ask), { "unavailable", "unavailable" })
  equal(#host.urls, 6)
end

function T.not_more_than_so_many_in_a_minute()
  local service, host = new { per_minute = 10 }
  for id = 1, 10 do service:find("world", { world_id = id }) end
  equal(#host.slept, 0)
  local began = host.ms
  service:find("world", { world_id = 11 })
  equal(host.ms - began, 6000.0)
end

function T.too_many_are_refused_rather_than_kept_waiting()
  local service = new { per_minute = 1 }
  service:find("world", { world_id = 1 })
  local rows, code = service:find("world", { world_id = 2 })
  equal({ rows, code }, { nil, "rate_limited" })
end

function T.the_service_id_is_in_no_message()
  local service, host = new { service_id = "secret-bot" }
  for _ = 1, 6 do
    host.answers[#host.answers + 1] = { code = "failed", detail = "http://x/s:secret-bot/get s:secret-bot" }
  end
  local _, _, detail = service:find("world", { world_id = 1 })
  equal(detail, "failed: http://x/s:***/get s:***")
end

function T.off_means_that_nobody_is_asked()
  local service, host = new { is_off = true }
  equal(select(2, service:by_id(CHARACTER, { 1 })), "off")
  equal(#host.urls, 0)
  service:remember("character character_id 1", { character_id = "1", name = { first = "Ada" } })
  equal(service:by_id(CHARACTER, { 1 })["1"].name.first, "Ada")
end

-- The tables of a generation as the next one gets them, and the restored service over them.
local function next_generation(kept, options)
  local copy = nightjar.json.decode(nightjar.json.encode(kept))
  local given = { kept = { answers = {}, budget = {} } }
  for key, value in pairs(options or {}) do given[key] = value end
  local service, host = new(given)
  for key, of_kept in pairs(given.kept) do
    for name, value in pairs(copy[key]) do of_kept[name] = value end
  end
  return service, host
end

function T.a_save_forgets_no_answer()
  local kept = { answers = {}, budget = {} }
  local service, host = new { kept = kept }
  host.answers = { characters(row(1, "Ada")), '{"outfit_list":[],"returned":0}' }
  service:by_id(CHARACTER, { 1, 2 })
  service:find("outfit", { outfit_id = 7 })
  service, host = next_generation(kept)
  host.ms = 1000010 + 59000
  local rows, age = service:by_id(CHARACTER, { 1, 2 })
  equal({ rows["1"].name.first, rows["2"], age }, { "Ada", nil, 59.0 })
  equal({ service:find("outfit", { outfit_id = 7 }) }, { {}, 59.0 })
  equal(#host.urls, 0)
end

function T.no_more_is_carried_than_its_bound()
  local kept = { answers = {}, budget = {} }
  local service = new { kept = kept }
  local long = ("x"):rep(1000)
  for id = 1, 5000 do service:remember("character character_id " .. id, { name = { first = long } }) end
  local bytes, count = 0, 0
  for _, half in ipairs { kept.answers.fresh, kept.answers.former } do
    for key, entry in pairs(half) do
      bytes, count = bytes + #key + #entry.text, count + 1
    end
  end
  local most = require("limits").census_kept_bytes
  assert(bytes <= most and count > 1000, bytes)
  service:remember("big", { ("x"):rep(most) })
  equal({ kept.answers.fresh.big, #service.cache:get("big", 0)[1] }, { nil, most })
end

function T.a_save_resets_neither_the_budget_nor_the_pause()
  local kept = { answers = {}, budget = {} }
  local former = new { kept = kept, per_minute = 10 }
  for id = 1, 10 do former:find("world", { world_id = id }) end
  local service, host = next_generation(kept, { per_minute = 10 })
  service:find("world", { world_id = 11 })
  equal(host.slept, { 6.0 })

  kept = { answers = {}, budget = {} }
  local of_former
  former, of_former = new { kept = kept }
  for _ = 1, 6 do of_former.answers[#of_former.answers + 1] = { code = "connect_failed", detail = "refused" } end
  former:find("character", { character_id = 1 })
  service, host = next_generation(kept)
  host.ms = 1002000
  equal(select(3, service:find("character", { character_id = 2 })), "Census is down: connect_failed: refused")
  equal(#host.urls, 0)
end

function T.each_try_counts_against_the_budget()
  local service, host = new { per_minute = 4 }
  for _ = 1, 6 do host.answers[#host.answers + 1] = { code = "connect_failed", detail = "refused" } end
  local rows, code = service:find("character", { character_id = 1 })
  equal({ rows, code, #host.urls, service.counts.retried }, { nil, "unavailable", 4, 3 })
end

function T.who_is_ended_while_waiting_for_a_turn_holds_no_place()
  local service, host = new { per_minute = 10 }
  for id = 1, 10 do service:find("world", { world_id = id }) end
  local sleep = service.options.sleep
  service.options.sleep = function() error("the handler's time is over") end
  pcall(service.find, service, "world", { world_id = 11 })
  service.options.sleep = sleep
  equal(service:status().waiting, 1)
  host.ms = host.ms + 6000
  equal(service:status().waiting, 0)
end

return T
