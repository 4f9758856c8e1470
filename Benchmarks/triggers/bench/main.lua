-- Measures the trigger engine in the real server: Benchmarks/triggers/run.py starts it and reads
-- what
-- it prints. The recording is data/stream.jsonl, made by stream.py.

local nightjar = require "nightjar"
local triggers = require "lib.triggers"

local M = {}

-- A thread of its own, long turns: nothing else is to be measured.
M.workers = "dedicated"
M.limits = { memory_mb = 512, slice_ms = 1000 }

local SECONDS = nightjar.config.get("seconds", 3)

local texts = {}
for line in nightjar.data("data/stream.jsonl"):gmatch("[^\n]+") do texts[#texts + 1] = line end

local id = "integer"
local EVENTS = {
  within = "payload", envelope = { service = "event", type = "serviceMessage" },
  common = { timestamp = id, world_id = id },
  kinds = {
    BattleRankUp = { battle_rank = id, character_id = id, zone_id = id },
    Death = {
      attacker_character_id = id, attacker_fire_mode_id = id, attacker_loadout_id = id,
      attacker_team_id = id, attacker_vehicle_id = id, attacker_weapon_id = id, character_id = id,
      character_loadout_id = id, is_critical = "boolean", is_headshot = "boolean", team_id = id,
      vehicle_id = "integer?", zone_id = id,
    },
    FacilityControl = {
      duration_held = id, facility_id = id, new_faction_id = id, old_faction_id = id,
      outfit_id = id, zone_id = id,
    },
    GainExperience = {
      amount = id, character_id = id, experience_id = id, loadout_id = id, other_id = id,
      team_id = "integer?", zone_id = id,
    },
    ItemAdded = {
      character_id = id, context = "string", item_count = id, item_id = id, zone_id = id,
    },
    PlayerFacilityCapture = { character_id = id, facility_id = id, outfit_id = id, zone_id = id },
    PlayerFacilityDefend = { character_id = id, facility_id = id, outfit_id = id, zone_id = id },
    PlayerLogin = { character_id = id },
    PlayerLogout = { character_id = id },
    SkillAdded = { character_id = id, skill_id = id, zone_id = id },
    VehicleDestroy = {
      attacker_character_id = id, attacker_loadout_id = id, attacker_team_id = id,
      attacker_vehicle_id = id, attacker_weapon_id = id, character_id = id, facility_id = id,
      faction_id = id, team_id = id, vehicle_id = id, zone_id = id,
    },
  },
  filters = {
    { property = "characters", fields = { "character_id", "attacker_character_id" }, type = id },
    { property = "worlds", fields = { "world_id" }, type = id },
  },
}

-- Twenty names, five triggers each: 100, of which five match an event by its name.
local NAMES = {
  "AchievementAdded", "BattleRankUp", "ContinentLock", "ContinentUnlock", "Death",
    "FacilityControl",
  "GainExperience", "ItemAdded", "MetagameEvent", "PlayerFacilityCapture", "PlayerFacilityDefend",
  "PlayerLogin", "PlayerLogout", "SkillAdded", "VehicleDestroy", "Other1", "Other2", "Other3",
  "Other4", "Other5",
}

local fired = 0
local function action() fired = fired + 1 end

-- A hundred characters that hardly anybody meets.
local friends = {}
for i = 1, 100 do friends[i] = 5428010618000000000 + i * 7919 end

local function hundred(set, declarative)
  for _, name in ipairs(NAMES) do
    local events = { name }
    set:add { events = events, characters = friends, action = action }
    set:add { events = events, worlds = { 40 }, action = action }
    if declarative then
      set:add { events = events, where = { world_id = 99 }, action = action }
      set:add { events = events, where = { timestamp = { lt = 5 } }, action = action }
      set:add { events = events, where = { world_id = 17, timestamp = { lt = 5 } },
        action = action }
    else
      local function add(condition)
        set:add { events = events, conditions = { condition }, action = action }
      end
      add(function(event) return event.world_id == 99 end)
      add(function(event) return event.timestamp < 5 end)
      add(function(event) return event.world_id == 17 and event.timestamp < 5 end)
    end
  end
end

local function new_set(name) return triggers.new { name = name, events = EVENTS, state = false } end

-- Nanoseconds of processor time of one call with a text, or with the event in it. Nothing else
-- runs in
-- this process, so work of others on the machine does not count.
local function measure(call, things)
  local count, place, spent = 0, 0, 0
  -- In turns, so that no slice is too long; only the turns are measured.
  while spent < SECONDS do
    local began = os.clock()
    repeat
      for _ = 1, 500 do
        place = place % #things + 1
        call(things[place])
      end
      count = count + 500
    until os.clock() - began >= 0.2
    spent = spent + os.clock() - began
    nightjar.sleep(0)
  end
  return spent * 1e9 / count
end

local function report(name, ns, unit)
  print(("RESULT %s %.1f %s"):format(name, unit == "events/s" and 1e9 / ns or ns, unit))
end

-- Timers of sets are declared while the files load.
local sets = {}
for _, name in ipairs { "none", "others", "functions", "declarative", "tests" } do
  sets[name] = new_set(name)
end

local function fill()
  for i = 1, 1000 do
    sets.others:add { events = { "Other" .. i }, where = { world_id = 99 }, action = action }
  end
  hundred(sets.functions, false)
  hundred(sets.declarative, true)
  for i = 1, 1000 do
    sets.tests:add { events = { "Death" }, where = { zone_id = 1000 + i }, action = action }
  end
end

local function all()
  fill()
  local function dispatch(set) return function(thing) set:dispatch(thing) end end
  local deaths = {}
  for _, text in ipairs(texts) do
    local event = sets.none:read(text)
    if event.event_name == "Death" then deaths[#deaths + 1] = event end
  end
  report("decode", measure(nightjar.json.decode, texts), "ns")
  report("read", measure(sets.none.read_text, texts), "ns")
  report("none", measure(dispatch(sets.none), texts), "ns")
  report("others", measure(dispatch(sets.others), texts), "ns")
  report("functions", measure(dispatch(sets.functions), texts), "events/s")
  report("declarative", measure(dispatch(sets.declarative), texts), "events/s")
  report("test", measure(dispatch(sets.tests), deaths) / 1000, "ns")
  print(("RESULT fired %d actions"):format(fired))
  print("DONE")
end

function M.on_ready() nightjar.spawn(all) end

return M
