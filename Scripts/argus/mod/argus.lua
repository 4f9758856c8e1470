--- Argus for the game's mod: sends what the hero carries to the client program, as it is. What is a
-- boon, an extra or a card is decided by the server, so a patch of the game needs no new mod.
--
-- Put this file beside the mod's main.lua in place of the parsing files, the client program
-- (`nightjar`) there too, and write into main.lua:
--
--     local argus = import "argus.lua"            -- however the mod loads its own files
--     argus.setup {
--       game = rom.game,                          -- the game's own functions and tables
--       io = io, os = os,                         -- to start the client, to delete its old output
--       client = plugin_path .. "/nightjar.exe",  -- the client program
--       data = data_path,                         -- a folder of this mod's own: token, output
--       make_folder = rom.path.create_directory,  -- a function that makes a folder
--       config = config,                          -- { enabled = true, argus_debug = false }
--       log = rom.log.info,                       -- where argus_debug writes to, optional
--       backend = "http://127.0.0.1:3000",        -- the server, if it is not the published one
--     }
--     loader.load(argus.on_ready, argus.on_reload)
--
-- It runs in the game's Lua 5.2: no whole-number division, no bit operators, and nothing of what
-- Lua has got since.

local M = {}

local settings

-- Fields of a trait that the server reads.
local FIELDS = { "Name", "Rarity", "Slot", "StackNum", "IsHammerTrait", "IsElementalTrait" }

-- The key in the game's own tables under which the sender lies. It is there once, however often
-- this file is loaded.
local HOLDER = "ArgusSender"

-- Whole numbers above have further digits than a double knows.
local WHOLE_BELOW = 1e15

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\" }

local function escaped(character)
  return ESCAPES[character] or string.format("\\u%04x", string.byte(character))
end

-- JSON of a plain value; "null" for what is none. Names of the game are ASCII; other bytes are
-- written as if each were a character, so that the text is sound whatever it is.
local function json(value)
  local kind = type(value)
  if kind == "string" then return '"' .. string.gsub(value, '[%c"\\\127-\255]', escaped) .. '"' end
  if kind == "boolean" then return tostring(value) end
  if kind ~= "number" or value ~= value or math.abs(value) == math.huge then return "null" end
  -- Lua 5.2 has one kind of number: whole ones are written without a point.
  if value == math.floor(value) and math.abs(value) < WHOLE_BELOW then
    return string.format("%.0f", value)
  end
  -- Some languages write a comma.
  return (string.gsub(string.format("%.14g", value), ",", "."))
end

local function json_list(list, element)
  local parts = {}
  for i = 1, #list do parts[i] = element(list[i]) end
  return "[" .. table.concat(parts, ",") .. "]"
end

-- A map in the order of its names, so that the same state is the same text.
local function json_map(map, element)
  local names, parts = {}, {}
  for name in pairs(map) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  table.sort(names)
  for i, name in ipairs(names) do parts[i] = json(name) .. ":" .. element(map[name]) end
  return "{" .. table.concat(parts, ",") .. "}"
end

-- The named fields of a table that are plain values.
local function json_fields(value, fields)
  local plain = {}
  if type(value) == "table" then
    for _, field in ipairs(fields) do
      local kind = type(value[field])
      if kind == "string" or kind == "number" or kind == "boolean" then
        plain[field] = value[field]
      end
    end
  end
  return json_map(plain, json)
end

local function table_or_nil(value)
  if type(value) == "table" then return value end
  return nil
end

-- Adds `"name":text` when the game has the table; the server knows a missing one from an empty one.
local function add(parts, name, value, writer, element)
  if type(value) ~= "table" then return end
  parts[#parts + 1] = json(name) .. ":" .. writer(value, element)
end

local function json_trait(trait) return json_fields(trait, FIELDS) end

local function json_pin(pin) return json_fields(pin, { "Name" }) end

local function json_card(card) return json_fields(card, { "Equipped", "Level" }) end

--- The raw tables as one line of JSON; nil while no run is on.
---@param game table the game's own tables
---@return string?
function M.state(game)
  local run = table_or_nil(game.CurrentRun)
  local hero = run and table_or_nil(run.Hero)
  if not hero or type(hero.Traits) ~= "table" then return nil end
  local state = table_or_nil(game.GameState) or {}
  local in_hero, in_state = {}, {}
  add(in_hero, "Traits", hero.Traits, json_list, json_trait)
  add(in_hero, "Elements", hero.Elements, json_map, json)
  add(in_state, "StoreItemPins", state.StoreItemPins, json_list, json_pin)
  add(in_state, "ShrineUpgrades", state.ShrineUpgrades, json_map, json)
  add(in_state, "MetaUpgradeState", state.MetaUpgradeState, json_map, json_card)
  return '{"CurrentRun":{"Hero":{' .. table.concat(in_hero, ",") .. '}},"GameState":{'
    .. table.concat(in_state, ",") .. "}}"
end

-- The client's command, its output appended to a file in the data folder. Windows takes the
-- outermost quotation marks off a command, so it gets a further pair.
local function command(options, output)
  local data, backend = settings.data, settings.backend
  if backend then options = ('%s --backend "%s"'):format(options, backend) end
  local text = ('"%s" argus send --pluginpath "%s" %s >> "%s/%s" 2>&1'):format(
    settings.client, data, options, data, output)
  local windows = string.find(data, "^%a:") or string.find(data, "\\", 1, true)
  return windows and '"' .. text .. '"' or text
end

-- Sends what the hero carries.
local function send()
  local text = M.state(settings.game)
  if not text then return end
  if settings.config.argus_debug then settings.log(text) end
  local holder = settings.game[HOLDER]
  -- Closing waits for the client's end, so the one before is closed only now: it has long ended.
  if holder.pipe then holder.pipe:close() end
  holder.pipe = settings.io.popen(command("--state", "py_out.txt"), "w")
  if not holder.pipe then return end
  holder.pipe:write(text, "\n")
  holder.pipe:flush()
end

-- The game goes on, whatever happens here.
local function send_safely()
  local fine, problem = pcall(send)
  if not fine then settings.log("Argus: " .. tostring(problem)) end
end

-- Puts the sender behind the game's LeaveRoom, once. What is called is looked up each time, so a
-- file that was loaded anew needs no second wrapping.
local function wrap(holder)
  local game = settings.game
  local leave_room = game.LeaveRoom
  local thread = game.thread or pcall
  local function then_send(...)
    thread(function() holder.send() end)
    return ...
  end
  game.LeaveRoom = function(...) return then_send(leave_room(...)) end
end

local NEEDED = { "game", "io", "os", "client", "data", "make_folder" }
local OPTIONAL = { config = {}, log = function() end, backend = false }

--- Tells what the module works with; see the head of this file.
---@param options table
function M.setup(options)
  local known, result = {}, {}
  for _, name in ipairs(NEEDED) do
    if options[name] == nil then error("argus.setup needs " .. name, 2) end
    known[name], result[name] = true, options[name]
  end
  for name, default in pairs(OPTIONAL) do
    known[name], result[name] = true, options[name] == nil and default or options[name]
  end
  for name in pairs(options) do
    if not known[name] then
      error("argus.setup knows no " .. tostring(name) .. "; it takes " .. table.concat(NEEDED, ", ")
        .. ", config, log and backend", 2)
    end
  end
  settings = result
end

--- Once when the mod is loaded: logs in, and sends from then on whenever the hero leaves a room.
function M.on_ready()
  if not settings then error("argus.setup comes before argus.on_ready", 2) end
  if settings.config.enabled == false then return end
  for _, file in ipairs { "py_out.txt", "py_auth_out.txt" } do
    settings.os.remove(settings.data .. "/" .. file)
  end
  settings.make_folder(settings.data)
  settings.make_folder(settings.data .. "/cache")
  local game = settings.game
  if not game[HOLDER] then
    game[HOLDER] = {}
    wrap(game[HOLDER])
  end
  local holder = game[HOLDER]
  holder.send = send_safely
  -- Kept, for closing it would wait until the player has logged in.
  holder.login = settings.io.popen(command("--login", "py_auth_out.txt"), "r")
end

--- After each load of a file, the first one too: what is sent next is sent by the new version.
function M.on_reload()
  local holder = settings and settings.game[HOLDER]
  if holder then holder.send = send_safely end
end

return M
