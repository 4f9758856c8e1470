-- What becomes of the sites that the back office tells when something fails.

local nightjar = require "nightjar"
local client = require "backoffice.client"
local equal = require("lib.testing").equal
local kept = require "lib.kept"
local told = require "backoffice.told"

local T = {}

-- In place of the store and the host: `failing` has the next calls that fail, by name.
local values, members, put, failing = {}, {}, {}, {}

local function fails(call)
  local left = failing[call] or 0
  failing[call] = math.max(0, left - 1)
  return left > 0
end

function nightjar.store.get(key)
  if fails "get" then return nil, "unavailable", "ordered" end
  return values[key], values[key] and 1
end

function nightjar.store.range()
  if fails "range" then return nil, "unavailable", "ordered" end
  local list = {}
  for index, member in ipairs(members) do list[index] = { member = member, score = 0 } end
  return list
end

function nightjar.store.batch(changes)
  if fails "batch" then return nil, "unavailable", "ordered" end
  values[changes[1][2]] = changes[1][3]
  return true
end

function nightjar.casino.put_site(site)
  if fails "put" then return nil, "unavailable", "ordered" end
  put[#put + 1] = site.id
  return true
end

function client.is_set() return true end

local function text_of(id) return ('{"id":"%s","games":{}}'):format(id) end

told.setup { game = function() end, game_names = function() return {} end }

function T.sites_that_cannot_be_read_are_read_the_next_time()
  members = { "one", "two", "gone" }
  for _, id in ipairs { "one", "two" } do values["backoffice.site:" .. id] = text_of(id) end
  put = {}
  for _, call in ipairs { "range", "get" } do
    failing = { [call] = 1 }
    equal(told.sites().one, nil)
  end
  equal({ told.sites().one.id, told.sites().two.id }, { "one", "two" })
  -- The host was given its sites without them.
  table.sort(put)
  equal(put, { "one", "two" })
  failing = { range = 1, get = 1 }
  equal(told.sites().one.id, "one", "they are read once")
end

function T.a_site_that_the_store_does_not_take_is_given_to_it_again()
  local text = text_of "three"
  failing, put = { batch = 1 }, {}
  equal(told.take("three", text).id, "three", "it is played on")
  equal(values["backoffice.site:three"], nil)
  told.take("three", text)
  equal(values["backoffice.site:three"], text)
  equal(put, { "three" })
  values["backoffice.site:three"] = nil
  told.take("three", text)
  equal(values["backoffice.site:three"], nil, "once is enough")
end

function T.a_site_that_the_host_does_not_take_is_given_to_it_again()
  failing, put = { put = 1 }, {}
  equal(told.take("four", text_of "four"), nil)
  equal(values["backoffice.site:four"], nil)
  equal(told.take("four", text_of "four").id, "four")
  equal({ put, values["backoffice.site:four"] }, { { "four" }, text_of "four" })
  -- Likewise newer settings of one that is played on.
  local newer = '{"id":"four","title":"Newer","games":{}}'
  failing = { put = 1 }
  equal(told.take("four", newer), nil)
  equal(told.site("four", false, "").title, nil)
  equal(told.take("four", newer).title, "Newer")
end

function T.a_site_of_a_file_is_closed_while_the_back_office_does_not_know_it()
  local request, debug, now, all = client.request, nightjar.debug, nightjar.now, told.sites
  function told.sites() return {} end -- those in the store are for others to read
  local time, status, asked = now(), 404, 0
  function nightjar.now() return time end
  function client.request()
    asked = asked + 1
    return { status = status, body = text_of "mine" }
  end
  nightjar.debug = false
  local first, again = told.refuses("mine", ""), told.refuses("mine", "")
  local asked_once = asked
  -- Without an answer the site goes on, and nobody waits for the next one.
  time, status = time + 30001, 503
  local away, still = told.refuses("mine", ""), told.refuses("mine", "")
  local asked_twice = asked
  -- What the back office does not say for another reason is no word about the site.
  time, status = time + 30001, 400
  local odd = told.refuses("mine", "")
  time, status = time + 30001, 200
  local open, site = told.refuses("mine", ""), told.site("mine", false, "")
  status = 404
  told.refresh()
  local gone = told.refuses("mine", "")
  status = 200
  told.refresh()
  local back = told.refuses("mine", "")
  nightjar.debug = true
  time, status = time + 30001, 404
  local developed = told.refuses("other", "")
  client.request, nightjar.debug, nightjar.now, told.sites = request, debug, now, all
  equal({ first, again, asked_once }, { true, true, 1 })
  equal({ away, still, asked_twice }, { false, false, 2 })
  equal({ gone, back }, { true, false })
  equal({ odd, open, site and site.id, developed }, { false, false, "mine", false })
end

-- The back office in place of the real one, and a clock: `answer` says what it tells of a site.
local function asked_by(answer, body)
  local request, now = client.request, nightjar.now
  local clock = { time = now(), asked = 0 }
  function nightjar.now() return clock.time end
  function client.request(_, path)
    clock.asked = clock.asked + 1
    return answer(path)
  end
  local ok, problem = pcall(body, clock)
  client.request, nightjar.now = request, now
  if not ok then error(problem, 0) end
end

-- How often the log hears of a mistake in a site while the body runs.
local function errors(body)
  local error_to, count = nightjar.log.error, 0
  function nightjar.log.error(message)
    if message:find("^a site of the back office: ") then count = count + 1 end
  end
  local ok, problem = pcall(body)
  nightjar.log.error = error_to
  if not ok then error(problem, 0) end
  return count
end

function T.a_site_that_is_told_and_cannot_be_read_is_not_asked_for_with_every_view()
  local text, debug = '{"id":"bent","games":7}', nightjar.debug
  asked_by(function() return { status = 200, body = text } end, function(clock)
    nightjar.debug = false
    equal(errors(function()
      for _ = 1, 3 do equal(told.site("bent", true, "10.0.0.1"), nil) end
      -- A file of that name goes on: nobody has said that the site is gone.
      equal(told.refuses("bent", "10.0.0.1"), false)
    end), 1)
    nightjar.debug = debug
    equal(clock.asked, 1)
    clock.time, text = clock.time + 30000, text_of "bent"
    equal(told.site("bent", true, "10.0.0.1").id, "bent")
    equal(clock.asked, 2)
  end)
end

--- Which games there are may have changed after a while.
function T.a_kept_text_that_cannot_be_read_is_not_read_with_every_message()
  local now, get, set = nightjar.now, nightjar.state.get, nightjar.state.set
  local time = now()
  function nightjar.now() return time end
  function nightjar.state.get(key)
    return key == "backoffice.sites" and { stale = '{"id":"stale","games":7}' } or {}
  end
  function nightjar.state.set() end
  kept.restore()
  nightjar.state.get, nightjar.state.set = get, set
  failing = { range = math.huge } -- those in the store are for others to read
  local function look() for _ = 1, 3 do equal(told.sites().stale, nil) end end
  local first, again = errors(look), errors(look)
  time = time + 30000
  local later = errors(look)
  failing, nightjar.now = {}, now
  equal({ first, again, later }, { 1, 0, 1 })
end

--- The server ends it in the middle, and nothing that it holds is released.
function T.a_site_whose_question_took_too_long_is_asked_for_again()
  local wait = nightjar.event.wait
  local waits, hangs = 0, true
  function nightjar.event.wait() waits = waits + 1 end
  asked_by(function()
    if hangs then coroutine.yield() end
    return { status = 200, body = text_of "slow" }
  end, function(clock)
    assert(coroutine.resume(coroutine.create(told.site), "slow", true, "10.0.0.1"))
    hangs = false
    equal(told.site("slow", true, "10.0.0.1"), nil)
    equal({ waits, clock.asked }, { 1, 1 })
    clock.time = clock.time + 30000
    equal(told.site("slow", true, "10.0.0.1").id, "slow")
    equal({ waits, clock.asked }, { 1, 2 })
  end)
  nightjar.event.wait = wait
end

return T
