--- What the service is asked for: the text of a trigger's subscription, what several of them come
-- to together, and what an echo of the service says against that.

local nightjar = require "nightjar"
local events = require "events"
local limits = require "limits"
local cut = require("lib.texts").cut

local M = {}

---@class ps2.Wanted what one trigger wants of the service
---@field events string[] at least one
---@field characters string[] digits; empty: all
---@field worlds string[] digits; empty: all
---@field logical? boolean asked for explicitly

---@class ps2.Combined what all subscriptions of a connection come to
---@field eventNames table<string, true>
---@field characters table<string, true> may hold "all"
---@field worlds table<string, true>
---@field logical? "true"|"false" nil: the triggers do not agree

local quote = nightjar.json.encode

local function list(values, otherwise)
  if #values == 0 then return otherwise end
  local parts = {}
  for index, value in ipairs(values) do parts[index] = quote(value) end
  return "[" .. table.concat(parts, ",") .. "]"
end

local function any_of_character(names)
  for _, name in ipairs(names) do
    if events.is_of_character(name) then return true end
  end
  return false
end

--- Whether characters and worlds must both hold: "true", "false", or nil to say nothing.
---@param wanted ps2.Wanted
---@return "true"|"false"|nil
function M.logical(wanted)
  if wanted.logical ~= nil then return tostring(wanted.logical) end
  local only_worlds = #wanted.worlds > 0 and #wanted.characters == 0
  -- Without it the service would deliver every character of every world.
  if only_worlds and any_of_character(wanted.events) then return "true" end
  return nil
end

--- The flag a subscription leaves at the service: without a word of ours it is false.
---@param wanted ps2.Wanted
---@return "true"|"false"
function M.flag(wanted) return M.logical(wanted) or "false" end

--- The text that subscribes a trigger.
---@param wanted ps2.Wanted
---@return string
function M.text(wanted)
  local logical = M.logical(wanted)
  return '{"action":"subscribe","eventNames":' .. list(wanted.events)
    .. ',"service":"event","characters":' .. list(wanted.characters, '["all"]')
    .. ',"worlds":' .. list(wanted.worlds, '["all"]')
    .. (logical and ',"logicalAndCharactersWithWorlds":"' .. logical .. '"' or "") .. "}"
end

--- Asks for nothing new: the service answers with what it takes us to be subscribed to.
M.PROBE = '{"action":"subscribe","service":"event"}'

local function sorted(set)
  local names = {}
  for name in pairs(set) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function put(set, values)
  if #values == 0 then set.all = true end
  for _, value in ipairs(values) do set[value] = true end
end

--- What several subscriptions come to.
---@param all ps2.Wanted[]
---@return ps2.Combined
function M.combine(all)
  local result = { eventNames = {}, characters = {}, worlds = {} }
  local agreed, flags = true, nil
  for index, wanted in ipairs(all) do
    for _, name in ipairs(wanted.events) do result.eventNames[name] = true end
    put(result.characters, wanted.characters)
    put(result.worlds, wanted.worlds)
    local flag = M.flag(wanted)
    if index > 1 and flag ~= flags then agreed = false end
    flags = flag
  end
  if agreed then result.logical = flags end
  return result
end

local function without(set, other)
  local rest = {}
  for name in pairs(set) do if not other[name] then rest[name] = true end end
  return sorted(rest)
end

--- The texts that take back what is no longer wanted.
---@param before ps2.Combined
---@param after ps2.Combined
---@return string[]
function M.clearing(before, after)
  local texts = {}
  for _, key in ipairs { "eventNames", "characters", "worlds" } do
    local gone = without(before[key], after[key])
    if #gone > 0 then
      texts[#texts + 1] = '{"service":"event","action":"clearSubscribe","' .. key .. '":'
        .. list(gone) .. "}"
    end
  end
  return texts
end

-- A member of the echo as a set of strings; nil if it is none.
local function set_of(values)
  if type(values) ~= "table" then return nil end
  local set = {}
  for _, value in ipairs(values) do set[tostring(value)] = true end
  return set
end

local function shown(names)
  for index = 1, math.min(#names, 5) do
    names[index] = cut(names[index], limits.name_bytes)
  end
  if #names <= 5 then return table.concat(names, ", ") end
  return table.concat(names, ", ", 1, 5) .. " and " .. #names - 5 .. " more"
end

-- The service may write out what "all" means.
local function compare_sets(key, asked, told, problems)
  if not told then
    problems[#problems + 1] = key .. " is missing"
    return
  end
  if told.all then
    if not asked.all then problems[#problems + 1] = key .. " is all" end
    return
  end
  local lacks, more = without(asked, told), without(told, asked)
  if asked.all then
    if next(told) == nil then problems[#problems + 1] = key .. " lacks all" end
    return
  end
  if #lacks > 0 then problems[#problems + 1] = key .. " lacks " .. shown(lacks) end
  if #more > 0 then problems[#problems + 1] = key .. " has " .. shown(more) .. " besides" end
end

local function compare_characters(asked, echo, problems)
  local told = set_of(echo.characters)
  if told then return compare_sets("characters", asked, told, problems) end
  local count = math.tointeger(tonumber(echo.characterCount))
  if asked.all then
    problems[#problems + 1] = ("characters lacks all, %s are counted"):format(count or "none")
    return
  end
  local wanted = #sorted(asked)
  if count ~= wanted then
    local there = count or "missing"
    problems[#problems + 1] = ("characterCount is %s instead of %d"):format(there, wanted)
  end
end

--- What an echo says that was not asked for, and what it lacks.
---@param asked ps2.Combined
---@param echo table the member `subscription` of the service's message
---@return string[] differences one a part, in words; empty: it is as asked
function M.differences(asked, echo)
  local problems = {}
  compare_sets("eventNames", asked.eventNames, set_of(echo.eventNames), problems)
  compare_characters(asked.characters, echo, problems)
  compare_sets("worlds", asked.worlds, set_of(echo.worlds), problems)
  local flag = echo.logicalAndCharactersWithWorlds
  if asked.logical and tostring(flag) ~= asked.logical then
    problems[#problems + 1] = "logicalAndCharactersWithWorlds is " .. tostring(flag)
      .. " instead of " .. asked.logical
  end
  return problems
end

--- What an echo has beyond what was asked for, as a text that takes it back; nil if there is
-- nothing of it.
---@param asked ps2.Combined
---@param echo table
---@return string[]
function M.superfluous(asked, echo)
  local told = { eventNames = {}, characters = {}, worlds = {} }
  for key in pairs(told) do
    local set = set_of(echo[key])
    -- What is written out in place of "all" is not too much.
    if set and not asked[key].all then told[key] = set end
  end
  return M.clearing(told, asked)
end

return M
