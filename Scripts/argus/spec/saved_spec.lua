-- The last states in the store.

local equal = require("lib.testing").equal
local limits = require "limits"
local runs = require "runs"
local saved = require "saved"
local stand = require "spec.kit.stand"

local T = {}

-- A store in memory, with as much as is needed here.
local function store()
  local one = { values = {}, members = {}, batches = {} }
  function one.batch(changes)
    if one.fails then return nil, "unavailable" end
    if one.hangs then coroutine.yield() end
    if one.raises then error("the handler's time is over", 0) end
    one.batches[#one.batches + 1] = #changes
    for _, change in ipairs(changes) do
      local verb, key, value, more = table.unpack(change)
      if verb == "set" then one.values[key] = { value = value, seconds = more } end
      if verb == "delete" then one.values[key] = nil end
      if verb == "add" then one.members[value] = more end
      if verb == "remove" then one.members[value] = nil end
    end
    return true
  end
  function one.get(key) return one.values[key] and one.values[key].value end
  function one.range()
    if one.fails then return nil, "unavailable" end
    local list = {}
    for member, score in pairs(one.members) do list[#list + 1] = { member = member, score = score } end
    table.sort(list, function(a, b) return a.score > b.score end)
    return list
  end
  return one
end

-- A server that starts with this store.
local function started(stored, clock)
  local server, warned = {}, {}
  server.runs = runs.new {
    kept = {}, now = clock.now, make = function() end,
    forgotten = function(channel) server.saved:changed(channel) end,
  }
  server.saved = saved.new {
    kept = {}, runs = server.runs, store = stored, now = clock.now,
    is_known = function(channel) return channel ~= "erased" end,
    warn = function(message) warned[#warned + 1] = message end,
  }
  function server.take(channel, text)
    server.runs:put(channel, { boonData = text })
    server.saved:changed(channel)
  end
  server.warned = warned
  return server
end

function T.the_newest_state_of_each_channel_survives_a_restart()
  local stored, clock = store(), stand.clock()
  local before = started(stored, clock)
  before.take("a", "one")
  before.take("a", "two")
  before.take("b", "three")
  local at = clock.time
  before.saved:write()
  equal(stored.batches, { 4 })
  equal(stored.values["run a"].seconds, limits.run_ms / 1000)
  clock.pass(1000)
  local after = started(stored, clock)
  local channels = after.saved:load()
  table.sort(channels)
  equal(channels, { "a", "b" })
  equal({ after.runs:get("a").strings.boonData, after.runs:get("a").at }, { "two", at })
  -- Its time goes on.
  clock.pass(limits.run_ms - 1001)
  assert(after.runs:get "a")
  clock.pass(1)
  equal(after.runs:get "a", nil)
end

function T.nothing_is_written_twice_and_what_is_over_goes()
  local stored, clock = store(), stand.clock()
  local server = started(stored, clock)
  server.saved:write()
  server.take("a", "one")
  server.saved:write()
  server.saved:write()
  equal(stored.batches, { 2 })
  clock.pass(limits.run_ms)
  server.runs:sweep()
  server.saved:write()
  equal({ stored.values, stored.members }, { {}, {} })
  server.take("b", "one")
  server.saved:write()
  server.runs:forget "b"
  server.saved:write()
  equal({ stored.values, stored.members }, { {}, {} })
end

function T.a_state_that_has_come_since_the_start_is_newer()
  local stored, clock = store(), stand.clock()
  local before = started(stored, clock)
  before.take("a", "old")
  before.saved:write()
  local after = started(stored, clock)
  after.take("a", "new")
  equal(after.saved:load(), {})
  after.saved:write()
  equal({ after.runs:get("a").strings.boonData, stored.get("run a").strings.boonData }, { "new", "new" })
end

function T.what_is_too_old_of_nobody_or_damaged_is_left_out_and_taken_out()
  local stored, clock = store(), stand.clock()
  local before = started(stored, clock)
  for _, channel in ipairs { "a", "erased", "old", "odd", "none" } do before.take(channel, "x") end
  before.saved:write()
  stored.values["run old"].value.at = clock.time - limits.run_ms
  stored.values["run odd"].value.strings = { boonData = 7 }
  stored.values["run none"] = nil
  local after = started(stored, clock)
  equal(after.saved:load(), { "a" })
  after.saved:write()
  equal({ (next(stored.members)), (next(stored.values)) }, { "a", "run a" })
end

function T.a_store_that_fails_is_told_of_and_asked_again()
  local stored, clock = store(), stand.clock()
  local server = started(stored, clock)
  server.take("a", "one")
  stored.fails = true
  server.saved:write()
  equal(server.saved:load(), {})
  equal(server.warned, { "the last runs could not be stored", "the last runs could not be read" })
  stored.fails = false
  server.saved:write()
  equal(stored.get("run a").strings.boonData, "one")
end

function T.a_wait_that_is_ended_loses_no_state_and_ends_no_writing()
  local stored, clock = store(), stand.clock()
  local server = started(stored, clock)
  server.take("a", "one")
  stored.raises = true
  equal({ pcall(server.saved.write, server.saved) }, { false, "the handler's time is over" })
  stored.raises = false
  server.take("b", "two")
  server.saved:write()
  equal(stored.get("run a").strings.boonData, "one")
  equal(stored.get("run b").strings.boonData, "two")
end

--- The server ends it in the middle, and nothing that it holds is released.
function T.a_writing_that_took_too_long_does_not_keep_the_next_from_its_turn()
  local stored, clock = store(), stand.clock()
  local server = started(stored, clock)
  server.take("a", "one")
  stored.hangs = true
  assert(coroutine.resume(coroutine.create(server.saved.write), server.saved))
  stored.hangs = false
  server.take("b", "two")
  clock.pass(29999)
  server.saved:write()
  equal(stored.batches, {}, "it may still go on")
  clock.pass(1)
  server.saved:write()
  equal(stored.get("run b").strings.boonData, "two")
end

function T.many_channels_and_long_states_go_in_several_changes()
  local stored, clock = store(), stand.clock()
  local server = started(stored, clock)
  for number = 1, limits.saved_at_once + 1 do server.take("c" .. number, "x") end
  server.saved:write()
  equal(stored.batches, { 2 * limits.saved_at_once, 2 })
  stored.batches = {}
  for number = 1, 3 do server.take("c" .. number, ("x"):rep(limits.saved_bytes // 2)) end
  server.saved:write()
  equal(stored.batches, { 4, 2 })
end

return T
