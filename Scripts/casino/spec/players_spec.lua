-- Players at the back office while something fails.

local nightjar = require "nightjar"
local equal = require("lib.testing").equal
local limits = require "backoffice.limits"
local players = require "backoffice.players"

local T = {}

-- In place of the store: what is open, and how often it was changed.
local open, batches, told, is_failing = {}, 0, {}, false

function nightjar.store.get()
  return { registration = { platform = "demo", user = { uid = "ann" } } }, 1
end

function nightjar.store.range(_, _, highest, options)
  equal(options.by, "score")
  local list = {}
  for member, score in pairs(open) do
    if score <= highest and #list < options.limit then
      list[#list + 1] = { member = member, score = score }
    end
  end
  return list
end

function nightjar.store.batch(changes)
  if is_failing then return nil, "unavailable", "ordered" end
  batches = batches + 1
  for _, change in ipairs(changes) do
    if change[1] == "tell" then told[change[3]] = true end
    if change[1] == "remove" then open[change[3]] = nil end
    if change[1] == "add" then open[change[3]] = change[4] end
  end
  return true
end

function T.who_could_not_be_registered_in_time_is_registered_by_the_next_report()
  local asked = 0
  function players.ask()
    asked = asked + 1
    if asked == 1 then error("the handler's time is over", 0) end
    return { session_id = "s", player_id = "p" }
  end
  equal({ pcall(players.ids, "demo", "ann") }, { false, "the handler's time is over" })
  equal(players.ids("demo", "ann").session_id, "s")
  equal(asked, 2)
end

--- The server ends it in the middle, and nothing that it holds is released.
function T.whose_report_took_too_long_is_registered_by_a_later_one()
  local get, wait, now = nightjar.store.get, nightjar.event.wait, nightjar.now
  local time, waits = now(), 0
  function nightjar.now() return time end
  function nightjar.event.wait()
    waits, time = waits + 1, time + 1000
    assert(waits <= 60, "it is waited for in vain")
  end
  nightjar.store.get = coroutine.yield
  function players.ask() return { session_id = "s", player_id = "p" } end
  assert(coroutine.resume(coroutine.create(players.ids), "demo", "cid"))
  nightjar.store.get = get
  local ids = players.ids("demo", "cid")
  nightjar.event.wait, nightjar.now = wait, now
  equal({ ids.session_id, waits }, { "s", 30 })
end

function T.one_of_many_reports_registers_their_player()
  local get, batch, wait = nightjar.store.get, nightjar.store.batch, nightjar.event.wait
  local record = { registration = { platform = "demo", user = { uid = "bob" } } }
  local asked, found, lanes = 0, {}, {}
  -- The store and the back office let the others go on.
  function nightjar.store.get()
    local there = record
    coroutine.yield()
    return there, 1
  end
  function nightjar.store.batch(changes)
    coroutine.yield()
    record = changes[1][3]
    return true
  end
  function nightjar.event.wait() coroutine.yield() end
  function players.ask()
    asked = asked + 1
    local number = asked
    coroutine.yield()
    return { session_id = "s" .. number, player_id = "p" }
  end
  for lane = 1, 12 do
    lanes[lane] = coroutine.create(function() found[lane] = players.ids("demo", "bob").session_id end)
  end
  for _ = 1, 100 do
    for _, lane in ipairs(lanes) do
      if coroutine.status(lane) == "suspended" then assert(coroutine.resume(lane)) end
    end
  end
  nightjar.store.get, nightjar.store.batch, nightjar.event.wait = get, batch, wait
  equal({ asked, #found }, { 1, 12 })
  for _, session in ipairs(found) do equal(session, "s1") end
end

function T.sessions_of_the_process_before_are_ended_many_at_a_time()
  open, batches, told = {}, 0, {}
  for number = 1, 10 * limits.ended_at_once do open["s" .. number] = 1 end
  open.new = nightjar.now() + 60000
  is_failing = true
  players.end_left_over()
  equal({ told, open.s1 }, { {}, 1 })
  is_failing = false
  players.sweep()
  equal({ batches, open }, { 10, { new = open.new } })
  assert(told.s1 and told["s" .. 10 * limits.ended_at_once] and not told.new)
  -- They are looked for once.
  open.late = 1
  players.sweep()
  equal(batches, 10)
end

return T
