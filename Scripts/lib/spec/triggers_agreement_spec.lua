-- The compiled tests of whole groups of triggers, and the explanation that makes each test by
-- itself, say the same of thousands of made-up events. Seeded: what fails today fails tomorrow.

local stand = require "lib.spec.kit.triggers"
local testing = require "lib.testing"

local T = {}

local FIELDS = { "zone_id", "team_id", "attacker_team_id", "vehicle_id", "is_headshot" }

local function random_test(random, field)
  local function number() return random:integer(0, 4) end
  if field == "is_headshot" then
    return random:pick { true, false, { ne = true }, { none_of = { false } }, { present = true } }
  end
  local kinds = {
    function() return number() end,
    function() return { number(), number() } end,
    function() return { number(), number(), number() } end,
    function() return { one_of = { number(), number() }, ne = number() } end,
    function() return { ne = number() } end,
    function() return { none_of = { number(), number() } } end,
    function()
      local least = number()
      return { min = least, max = least + number() }
    end,
    function() return { lt = number() } end,
    function()
      local below = number()
      return { gt = below, le = below + 1 + number() }
    end,
    function() return { ge = number(), ne = number() } end,
    function() return { present = random:integer(0, 1) == 1 } end,
    function() return { same_as = "zone_id" } end,
    function() return { differs_from = "team_id" } end,
  }
  return kinds[random:integer(#kinds)]()
end

local function random_conditions(random)
  local list = {}
  for i = 1, random:integer(0, 2) do
    list[i] = random:pick {
      function(event) return event.zone_id > 1 end,
      function(event) return event.vehicle_id > 1 end, -- raises when it is missing
      function() return true end,
      true,
    }
  end
  return list
end

local function random_trigger(random, number)
  local where = {}
  for _, field in ipairs(FIELDS) do
    if random:integer(3) == 1 then where[field] = random_test(random, field) end
  end
  local function some(low, high)
    local list = {}
    for i = 1, random:integer(0, 2) do list[i] = random:integer(low, high) end
    return list
  end
  return {
    name = "t" .. number, events = { "Death" }, where = where, conditions = random_conditions(random),
    characters = random:integer(3) == 1 and some(-1, 3) or nil, worlds = random:integer(3) == 1 and some(1, 3) or nil,
    action = function() end,
  }
end

local function random_event(random)
  local function id(low, high) return tostring(random:integer(low, high)) end
  return stand.death {
    zone_id = id(0, 4), team_id = id(0, 4), attacker_team_id = id(0, 4), world_id = id(1, 3),
    vehicle_id = random:integer(2) == 1 and id(0, 4) or "", is_headshot = id(0, 1),
    character_id = id(0, 3), attacker_character_id = id(0, 3),
  }
end

-- How many events matched, and at which test the others failed, for each trigger.
local function by_explanation(set, names, events)
  local expected = {}
  for _, name in ipairs(names) do
    local counts = {}
    expected[name] = counts
    for _, event in ipairs(events) do
      local explanation = set:explain(name, event)
      local key = explanation.fires and "matched" or explanation.failed_at
      counts[key] = (counts[key] or 0) + 1
    end
  end
  return expected
end

local function check(seed, time_every)
  local random = testing.random(seed)
  local set = stand.set { time_every = time_every }
  local names, events = {}, {}
  for i = 1, random:integer(1, 40) do
    names[i] = "t" .. i
    set:add(random_trigger(random, i))
  end
  for i = 1, 12 do events[i] = random_event(random) end
  local expected = by_explanation(set, names, events)
  for _, event in ipairs(events) do set:dispatch(event) end
  for _, name in ipairs(names) do
    local report, wanted = set:report(name), expected[name]
    local what = ("seed %d, %s"):format(seed, name)
    assert(report.seen == #events, what)
    testing.equal(report.matched, wanted.matched or 0, what .. " matched")
    for _, count in ipairs(report.rejected) do
      testing.equal(count.count, wanted[count.test] or 0, what .. " " .. count.test)
    end
  end
end

function T.groups_and_single_tests_agree()
  for seed = 1, 16 do check(seed, 1000) end
end

function T.so_do_the_events_that_are_measured()
  for seed = 17, 22 do check(seed, 1) end
end

return T
