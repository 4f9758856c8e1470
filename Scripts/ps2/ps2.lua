--- What a trigger file sees: `local ps2 = require "ps2"`. docs/ps2.md teaches it.

local nightjar = require "nightjar"
local clock = require "clock"
local core = require "core"
local events = require "events"
local names = require "names"
local scripts = require "scripts"
local show = require("lib.triggers.words").show

local M = {}

local set = core.set

-- Triggers ------------------------------------------------------------------------------------

---@class (exact) ps2.Definition
---@field events string|string[] names of events, at least one
---@field characters? (integer|string)[] ids; empty: any
---@field worlds? (integer|string)[] ids; empty: any
---@field where? table<string, any> tests of fields, see docs/triggers.md
---@field conditions? any[] functions of the event, or plain values
---@field action? fun(event: table) may wait
---@field name? string no two triggers have the same
---@field single_shot? boolean
---@field logical? boolean asks the service that characters and worlds must both hold, or not
---@field version? string|number

--- Registers a trigger.
---@param trigger ps2.Definition|triggers.Trigger
---@return triggers.Trigger
function M.trigger(trigger)
  local added = set:add(trigger, 2)
  core.connection:resume()
  return added
end

--- The same, for a trigger that was made before with `ps2.Trigger`, or was removed.
M.add_trigger = M.trigger

--- Takes a trigger out, by its name or itself. With the last one the connection is closed, unless
-- `keep` is true.
---@param trigger triggers.Trigger|string
---@param keep? boolean
function M.remove_trigger(trigger, keep)
  -- What a trigger was registered from is found by its name.
  if type(trigger) == "table" and trigger.registered == nil and trigger.name then
    trigger = trigger.name
  end
  local removed, problem = pcall(set.remove, set, trigger)
  -- The line of who called, not ours.
  if not removed then error((tostring(problem):gsub("^[^:]+:%d+: ", "")), 2) end
  if keep and #set:list() == 0 then core.sync(true) end
end

--- The trigger of a name; nil if there is none.
---@param name string
---@return triggers.Trigger?
function M.get_trigger(name) return set:get(name) end

--- All triggers, in the order of their registration.
---@return triggers.Trigger[]
function M.triggers() return set:list() end

--- Waits for the first event that one of the triggers fits; none of them needs an action.
---@async
---@param ... ps2.Definition|number triggers, and seconds if there is a limit
---@return table? event
---@return string? code with nil: `timeout`, or `reloaded`: a file was saved meanwhile
---@return string? detail
function M.wait_for(...)
  core.connection:resume()
  return set:wait_for(...)
end

--- Why a trigger fires for an event, or why not.
---@param name string|triggers.Trigger
---@param event table|string an event, or the text of its message
---@return triggers.Explanation?, string?, string?
function M.explain(name, event)
  -- No tail call: an error is to have the line of who called this.
  local explained, code, detail = set:explain(name, event, 2)
  return explained, code, detail
end

--- Counters and kept events of a trigger, or of all.
---@param name? string
---@return table?, string?
function M.report(name) return set:report(name) end

--- The event name of one kind of experience.
M.filter_experience = events.filter_experience

-- The connection ------------------------------------------------------------------------------

--- Waits until the connection is open.
---@async
---@param interval? number seconds between two looks; default 0.05
---@return boolean
function M.wait_ready(interval)
  -- While a recording is replayed, what comes from it is the stream.
  while not core.connection:is_open() and not clock.is_replayed() do
    nightjar.sleep(interval or 0.05)
  end
  return true
end

--- Which worlds are there, by name, as the service last said; empty before it said so.
---@return table<string, boolean>
function M.endpoint_status()
  local status = {}
  for name, world in pairs(core.connection.kept.endpoints) do status[name] = world.online end
  return status
end

--- Closes the connection, until a trigger is added.
function M.disconnect() core.connection:disconnect("a script wants it so", true) end

--- The same: HTTP connections are the server's own.
M.close = M.disconnect

-- Census --------------------------------------------------------------------------------------

--- Looks something up in Census.
---@async
---@param collection string
---@param filters table<string, any> field → value or list of values
---@param limit? integer
---@return table[]? rows
---@return number|string age seconds since Census said so; with nil a code
---@return string? detail
function M.find(collection, filters, limit)
  if type(collection) ~= "string" or type(filters) ~= "table" then
    error('find: a collection and filters expected, like find("outfit", { outfit_id = 7 })', 2)
  end
  if limit ~= nil and math.type(limit) ~= "integer" then
    error("find: limit: a whole number expected", 2)
  end
  return core.census:find(collection, filters, limit)
end

local CHARACTER = { collection = "character", field = "character_id" }
local TITLE = { collection = "title", field = "title_id" }
local WORLD = { collection = "world", field = "world_id" }
local HOME = {
  collection = "characters_world", field = "character_id",
  more = { ["c:join"] = "world^on:world_id^to:world_id" },
}

-- An error, with the line of who called the function of this name, if it is no id.
local function check_id(name, id)
  if math.type(id) == "integer" or (type(id) == "string" and id ~= "") then return end
  error(("%s: an id expected, as a whole number or a text, got %s"):format(name, show(id)), 3)
end

local function one(kind, id)
  local rows, age, detail = core.census:by_id(kind, { id })
  if not rows then return nil, age, detail end
  local row = rows[tostring(id)]
  if not row then return nil, "not_found", kind.collection .. " " .. tostring(id) end
  return row, age, detail
end

--- A character; nil and "not_found" if Census does not know it.
---@async
---@param id integer|string
---@return table? row
---@return number|string age or code
---@return string? detail
function M.character(id)
  check_id("character", id)
  return one(CHARACTER, id)
end

--- Several characters in one request, by id (as text); who is not known is missing.
---@async
---@param ids (integer|string)[]
---@return table<string, table>? rows
---@return number|string age or code
---@return string? detail
function M.characters(ids)
  if type(ids) ~= "table" then
    error("characters: a list of ids expected, like characters { id, other_id }", 2)
  end
  for _, id in ipairs(ids) do check_id("characters", id) end
  return core.census:by_id(CHARACTER, ids)
end

--- A title: its `name.en` is what is before a character's name.
---@async
---@param id integer|string
function M.title(id)
  check_id("title", id)
  return one(TITLE, id)
end

--- A world, by its id.
---@async
---@param id integer|string
function M.world(id)
  check_id("world", id)
  return one(WORLD, id)
end

--- The name of the world that a character lives on.
---@async
---@param id integer|string
---@return string? name
---@return number|string age or code
---@return string? detail
function M.server_of(id)
  check_id("server_of", id)
  local row, age, detail = one(HOME, id)
  if not row then return nil, age, detail end
  return names.of(row.world_id_join_world) or M.world_name(row.world_id), age, detail
end

--- The name of a world without asking anybody.
---@param id integer|string
---@return string
function M.world_name(id) return events.worlds[math.tointeger(tonumber(id))] or tostring(id) end

--- A character's name, with its title if it has one: "Sample Title SomePlayer".
---@async
---@param character table a row of `character`
---@return string
function M.long_name(character)
  if type(character) ~= "table" then
    error("long_name: a character expected, as ps2.character gives it", 2)
  end
  local first, id = names.first(character), tostring(character.title_id or "0")
  if id == "0" or id == "NULL" then return first end
  local title = M.title(id)
  local before = title and names.of(title)
  return before and before .. " " .. first or first
end

-- The rest ------------------------------------------------------------------------------------

--- The scripts' time, milliseconds since 1970: the recorded one while a recording is replayed.
M.now = core.now

--- Waits for some time; by the recording while one is replayed, which `nightjar.sleep` does not.
---@async
---@param seconds number
function M.sleep(seconds)
  if type(seconds) ~= "number" then error("sleep: seconds expected", 2) end
  clock.sleep(seconds)
end

--- Calls a function again and again, as `nightjar.timer.every` does; by the recording while one is
-- replayed. Say it at the top of the file.
---@param name string
---@param seconds number 0.001 or more
---@param fn fun() may wait
function M.every(name, seconds, fn)
  if type(name) ~= "string" or type(seconds) ~= "number" or type(fn) ~= "function" then
    error("every: a name, seconds and a function expected", 2)
  end
  clock.every(name, seconds, fn)
end

--- A table that survives reloads, for this file's use. It is filled when the file has been loaded.
---@param name? string default: the file's name
---@param first? table what it holds when there is nothing from before
---@return table
function M.state(name, first)
  if type(name) == "table" then name, first = nil, name end
  -- No tail call: an error is to have the line of who called this.
  local state = scripts.state(name, first, 2)
  return state
end

--- Writes a line to standard output.
---@param line string
function M.print(line)
  line = tostring(line)
  nightjar.output(line)
  core.printed(line, core.now())
end

--- A time as people write it: 2026-01-31 12:00:00+00:00.
---@param seconds integer Unix time
---@return string
function M.time_text(seconds) return os.date("!%Y-%m-%d %H:%M:%S+00:00", seconds) end

M.zones, M.factions, M.worlds = events.zones, events.factions, events.worlds

-- The older spelling --------------------------------------------------------------------------

M.EventType = setmetatable({ filter_experience = events.filter_experience }, {
  __index = function(_, name)
    local known = events.constants[name]
    if known then return known end
    local all = {}
    for constant in pairs(events.constants) do all[#all + 1] = constant end
    local meant = nightjar.nearest(tostring(name), all)
    local hint = meant and ("; did you mean %s?"):format(meant) or ""
    error(("there is no EventType.%s%s"):format(tostring(name), hint), 2)
  end,
})

M.GainExperience = { filter_experience = events.filter_experience }

-- `trigger:action(fn)` and `trigger:callback(fn)` set what is to be done; afterwards `action` is
-- the function itself.
local function set_action(trigger, fn)
  if type(fn) ~= "function" then error("action: a function of the event expected", 2) end
  rawset(trigger, "action", fn)
  return fn
end
local MADE = { __index = { action = set_action, callback = set_action } }

--- Makes a trigger that is not registered yet: Trigger("Death", "BattleRankUp", { name = … }).
-- `add_trigger` registers this very table.
---@param ... string|ps2.Definition names of events, and what else there is to say
---@return triggers.Trigger
function M.Trigger(...)
  local made, list = {}, {}
  for _, value in ipairs { ... } do
    if type(value) == "table" then
      for key, one_value in pairs(value) do made[key] = one_value end
    else
      list[#list + 1] = value
    end
  end
  if #list > 0 then made.events = list end
  made.registered = false
  return setmetatable(made, MADE)
end

M.EventTrigger = M.Trigger

return M
