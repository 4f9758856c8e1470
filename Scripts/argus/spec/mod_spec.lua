-- The module for the game's mod, in a game that is faked: its Lua is of version 5.2.

local equal = require("lib.testing").equal
local json = require("nightjar").json
local lists = require("spec.kit.game_lists")()
local nightjar = require "nightjar"
local strings = require "strings"

local T = {}

-- What Lua 5.2 has of the functions that a module may use. What came later is missing.
local function lua52()
  local environment = {
    assert = assert, error = error, ipairs = ipairs, next = next, pairs = pairs, pcall = pcall, select = select,
    tonumber = tonumber, tostring = tostring, type = type,
    math = { abs = math.abs, floor = math.floor, huge = math.huge, max = math.max, min = math.min },
    string = {}, table = { concat = table.concat, insert = table.insert, remove = table.remove, sort = table.sort },
  }
  for name, value in pairs(string) do
    if name ~= "pack" and name ~= "unpack" and name ~= "packsize" then environment.string[name] = value end
  end
  return setmetatable(environment, {
    __index = function(_, name) error("the game has no " .. tostring(name), 2) end,
    __newindex = function(_, name) error("assignment to the global " .. name, 2) end,
  })
end

local source = nightjar.data "mod/argus.lua"

-- The module, loaded anew as the mod loader does.
local function module() return assert(load(source, "=argus.lua", "t", lua52()))() end

local function game_tables()
  return {
    CurrentRun = { Hero = {
      Traits = {
        { Name = "BaseStaffAspect", Slot = "Aspect", Rarity = "Heroic", Icon = "x", OnPickup = function() end },
        { Name = "DaggerBlinkAoETrait", IsHammerTrait = true, Rarity = "Legendary", StackNum = 1.0 },
        { Name = "ElementalDodgeBoon", IsElementalTrait = true, Nested = { 1 } },
      },
      Elements = { Fire = 2.0, Air = 0 },
    } },
    GameState = {
      StoreItemPins = { { Name = "LuckyBoon", StoreName = "x" } }, ShrineUpgrades = { BoonSkipShrineUpgrade = 1 },
      MetaUpgradeState = { CastCount = { Equipped = true, Level = 3, Unlocked = true } },
    },
  }
end

-- A game, a system and a mod's settings, all of which write down what is done with them.
local function stand()
  local it = { done = {}, game = game_tables(), lines = {}, config = { enabled = true } }
  local function note(...) it.done[#it.done + 1] = table.concat({ ... }, " ") end
  local function pipe()
    return {
      write = function(_, ...) it.written = table.concat { ... } end,
      flush = function() note "flush" end, close = function() note "close" end,
    }
  end
  it.game.LeaveRoom = function(...)
    note("leave", ...)
    return "left", nil, 3
  end
  it.game.thread = function(run)
    note "thread"
    run()
  end
  function it.options()
    return {
      game = it.game, config = it.config, client = "/mods/nightjar", data = it.data or "/data/Argus",
      io = { popen = function(command, mode)
        note("popen", command, mode)
        if it.no_client then return nil end
        return pipe()
      end },
      os = { remove = function(path) note("remove", path) end },
      make_folder = function(path) note("folder", path) end,
      log = function(line) it.lines[#it.lines + 1] = line end, backend = it.backend,
    }
  end
  function it.load()
    local argus = module()
    argus.setup(it.options())
    return argus
  end
  function it.take()
    local done = it.done
    it.done = {}
    return done
  end
  return it
end

local LOGIN = 'popen "/mods/nightjar" argus send --pluginpath "/data/Argus" --login '
  .. '>> "/data/Argus/py_auth_out.txt" 2>&1 r'
local SEND = 'popen "/mods/nightjar" argus send --pluginpath "/data/Argus" --state >> "/data/Argus/py_out.txt" 2>&1 w'

function T.on_ready_cleans_up_and_logs_in()
  local it = stand()
  it.load().on_ready()
  equal(it.take(), {
    "remove /data/Argus/py_out.txt", "remove /data/Argus/py_auth_out.txt", "folder /data/Argus",
    "folder /data/Argus/cache", LOGIN,
  })
end

function T.leaving_a_room_sends_the_state_after_the_games_own_work()
  local it = stand()
  it.load().on_ready()
  it.take()
  equal({ it.game.LeaveRoom("a", "b") }, { "left", nil, 3 })
  equal(it.take(), { "leave a b", "thread", SEND, "flush" })
  it.game.LeaveRoom("c")
  -- The client before is closed only now: closing waits for its end.
  equal(it.take(), { "leave c", "thread", "close", SEND, "flush" })
end

function T.what_is_sent_is_one_line_with_the_raw_tables_and_nothing_else()
  local it = stand()
  it.load().on_ready()
  it.game.LeaveRoom()
  equal(it.written, '{"CurrentRun":{"Hero":{"Traits":[{"Name":"BaseStaffAspect","Rarity":"Heroic","Slot":"Aspect"},'
    .. '{"IsHammerTrait":true,"Name":"DaggerBlinkAoETrait","Rarity":"Legendary","StackNum":1},'
    .. '{"IsElementalTrait":true,"Name":"ElementalDodgeBoon"}],"Elements":{"Air":0,"Fire":2}}},'
    .. '"GameState":{"StoreItemPins":[{"Name":"LuckyBoon"}],"ShrineUpgrades":{"BoonSkipShrineUpgrade":1},'
    .. '"MetaUpgradeState":{"CastCount":{"Equipped":true,"Level":3}}}}\n')
end

function T.the_server_makes_of_it_what_it_makes_of_the_games_tables()
  local argus = module()
  for _, version in ipairs { "1", "2" } do
    local text = argus.state(game_tables())
    local sent = strings.build(assert(json.decode(text)), lists, nil, version)
    equal(sent, strings.build(game_tables(), lists, nil, version))
  end
end

function T.odd_values_are_still_json()
  local argus = module()
  local game = { CurrentRun = { Hero = { Traits = {
    { Name = 'a"b\\c\n\0é\127', StackNum = 0 / 0, Rarity = math.huge, Slot = {} }, 7, "x", { StackNum = 2.5 }, {},
  }, Elements = { Fire = -math.huge, [1] = 2, Air = {} } } } }
  local text = argus.state(game)
  assert(not text:find "[\n\0\128-\255]")
  equal(assert(json.decode(text)).CurrentRun.Hero.Traits, {
    { Name = 'a"b\\c\n\0\u{C3}\u{A9}\127', Rarity = json.null, StackNum = json.null }, {}, {}, { StackNum = 2.5 }, {},
  })
end

function T.nothing_is_sent_without_a_run()
  local argus = module()
  for _, game in ipairs { {}, { CurrentRun = {} }, { CurrentRun = { Hero = {} } }, { CurrentRun = 7 } } do
    equal(argus.state(game), nil)
  end
  local it = stand()
  it.load().on_ready()
  it.game.CurrentRun = nil
  it.take()
  it.game.LeaveRoom()
  equal(it.take(), { "leave", "thread" })
end

function T.on_reload_never_wraps_twice_and_the_newest_version_sends()
  local it = stand()
  local first = it.load()
  first.on_ready()
  first.on_reload()
  local wrapped = it.game.LeaveRoom
  for _ = 1, 3 do
    local next_version = it.load()
    next_version.on_reload()
    next_version.on_reload()
  end
  -- A save that is loaded is ready once more.
  it.load().on_ready()
  assert(it.game.LeaveRoom == wrapped)
  it.data = "/other"
  it.load().on_reload()
  it.take()
  it.game.LeaveRoom()
  equal(it.take(), { "leave", "thread", (SEND:gsub("/data/Argus", "/other")), "flush" })
end

function T.what_is_switched_off_does_nothing()
  local it = stand()
  it.config.enabled = false
  local argus = it.load()
  argus.on_ready()
  argus.on_reload()
  it.game.LeaveRoom()
  equal(it.take(), { "leave" })
end

function T.a_failure_never_reaches_the_game()
  local it = stand()
  it.load().on_ready()
  it.no_client = true
  equal(it.game.LeaveRoom(), "left")
  it.game.CurrentRun = setmetatable({}, { __index = function() error "no such thing" end })
  equal(it.game.LeaveRoom(), "left")
  assert(it.lines[1]:find "^Argus: .*no such thing", it.lines[1])
end

function T.debugging_logs_what_is_sent()
  local it = stand()
  it.config.argus_debug = true
  it.load().on_ready()
  it.game.LeaveRoom()
  equal(it.lines[1] .. "\n", it.written)
end

function T.a_server_of_ones_own_is_named_in_every_command()
  local it = stand()
  it.backend = "http://127.0.0.1:3000"
  it.load().on_ready()
  it.game.LeaveRoom()
  local commands = {}
  for _, done in ipairs(it.done) do
    if done:find "^popen" then commands[#commands + 1] = done:match '%-%-%a+ %-%-backend "[^"]+"' end
  end
  equal(commands, {
    '--login --backend "http://127.0.0.1:3000"', '--state --backend "http://127.0.0.1:3000"',
  })
end

function T.windows_gets_a_further_pair_of_quotation_marks()
  local it = stand()
  it.data = "C:/mods/Argus"
  it.load().on_ready()
  equal(it.done[#it.done], 'popen ""/mods/nightjar" argus send --pluginpath "C:/mods/Argus" --login '
    .. '>> "C:/mods/Argus/py_auth_out.txt" 2>&1" r')
end

function T.setup_tells_what_is_missing_or_misspelt()
  local it = stand()
  local options = it.options()
  options.client = nil
  local _, problem = pcall(module().setup, options)
  assert(tostring(problem):find("argus.setup needs client", 1, true), problem)
  options.client, options.cleint = "x", "y"
  _, problem = pcall(module().setup, options)
  assert(tostring(problem):find("argus.setup knows no cleint", 1, true), problem)
  _, problem = pcall(module().on_ready)
  assert(tostring(problem):find("argus.setup comes before argus.on_ready", 1, true), problem)
end

return T
