--- Checks the lists of traits.lua and makes what the rules look names up in. A slip is an error
-- with the line, the place and, for a misspelt group, the name that was meant.

local nightjar = require "nightjar"
local nearest = require "lib.nearest"
local raise = require "lib.raise"
local names = require "names"

local M = {}

---@class argus.Family
---@field shown string[] the two traits that viewers see
---@field damage string counts for the level only

---@class argus.Lists
---@field slots {weapon: string, familiar: string, extras: string[]}
---@field chaos {start: string, blessing: string, curse: string}
---@field state_suffixes string[]
---@field gods table<string, string[]>
---@field characters table<string, {boons: string[], extras: string[]}>
---@field always_common table<string, string[]>
---@field familiars table<string, argus.Family>
---@field arcana {v2: string, v1: string}[]
---@field vows {name: string, max: integer}[]
---@field ignored string[]
---@field hammers string[]
---@field weapons string[]
---@field keepsakes string[]
---@field hexes string[]
---@field place table<string, {group: string, owner: string?}> made here: where a name stands
---@field extra_slots table<string, boolean> made here
---@field cards table<string, integer> made here: the place of a card among all, by either name

-- What is wrong: the place, the words, and what stands there in the file, if that is known.
local function fail(path, problem, there)
  error({ path = path, problem = problem, there = there }, 0)
end

-- The line of a slip in the text of the file, as near as the names of its place lead to it.
local function line_of(text, slip)
  local at = text:find("lists.check", 1, true) or 1
  for name in slip.path:gmatch("[%a_][%w_]*") do
    at = text:find("%f[%w_]" .. name .. "%s*=", at) or at
  end
  at = slip.there and text:find(slip.there, at, true) or at
  local _, before = text:sub(1, at):gsub("\n", "")
  return before + 1
end

-- A table with these fields and no others.
local function check_fields(value, path, fields)
  if type(value) ~= "table" then fail(path, "must be a table { … }") end
  for key in pairs(value) do
    local known = false
    for _, field in ipairs(fields) do known = known or field == key end
    if not known then
      local hint = type(key) == "string" and nearest.hint(key, fields)
        or ": write the names into one of its groups, " .. table.concat(fields, ", ")
      fail(path, ("has no group \"%s\"%s"):format(tostring(key), hint),
        type(key) == "string" and key or nil)
    end
  end
  for _, field in ipairs(fields) do
    if value[field] == nil then fail(path, ("lacks the group \"%s\""):format(field)) end
  end
end

local function check_name(value, path)
  if names.code(value) then return end
  local shown = type(value) == "string" and '"' .. value .. '"' or "a " .. type(value)
  fail(path, "must be a code name in quotation marks, like \"ZeusWeaponBoon\"; it is " .. shown,
    type(value) == "string" and shown or nil)
end

-- A plain list; `check` gets every element and its path.
local function check_list(value, path, check)
  if type(value) ~= "table" then fail(path, "must be a list { … }") end
  local count = 0
  for key in pairs(value) do
    if math.type(key) ~= "integer" or key < 1 then
      fail(path, ("must be a plain list; %s is a name in it, not an element"):format(tostring(key)))
    end
    count = count + 1
  end
  if count ~= #value then fail(path, "has a gap") end
  for i, element in ipairs(value) do check(element, ("%s[%d]"):format(path, i)) end
end

local function check_names(value, path) check_list(value, path, check_name) end

-- A table by names; `check` gets every value and its path.
local function check_named(value, path, check)
  if type(value) ~= "table" then fail(path, "must be a table { … }") end
  for name, element in pairs(value) do
    if type(name) ~= "string" then
      fail(path, "has an element without a name: write NAME = { … } there")
    end
    check(element, path .. "." .. name)
  end
end

local checks = {}

function checks.slots(value, path)
  check_fields(value, path, { "weapon", "familiar", "extras" })
  check_name(value.weapon, path .. ".weapon")
  check_name(value.familiar, path .. ".familiar")
  check_names(value.extras, path .. ".extras")
end

function checks.chaos(value, path)
  local fields = { "start", "blessing", "curse" }
  check_fields(value, path, fields)
  for _, field in ipairs(fields) do check_name(value[field], path .. "." .. field) end
end

function checks.gods(value, path) check_named(value, path, check_names) end

checks.always_common = checks.gods

function checks.characters(value, path)
  check_named(value, path, function(character, where)
    check_fields(character, where, { "boons", "extras" })
    check_names(character.boons, where .. ".boons")
    check_names(character.extras, where .. ".extras")
  end)
end

function checks.familiars(value, path)
  check_named(value, path, function(family, where)
    check_fields(family, where, { "shown", "damage" })
    check_names(family.shown, where .. ".shown")
    if #family.shown ~= 2 then fail(where .. ".shown", "must name two traits: viewers see two") end
    check_name(family.damage, where .. ".damage")
  end)
end

function checks.arcana(value, path)
  check_list(value, path, function(card, where)
    check_fields(card, where, { "v2", "v1" })
    check_name(card.v2, where .. ".v2")
    check_name(card.v1, where .. ".v1")
  end)
end

function checks.vows(value, path)
  check_list(value, path, function(vow, where)
    check_fields(vow, where, { "name", "max" })
    check_name(vow.name, where .. ".name")
    if math.type(vow.max) ~= "integer" or vow.max < 1 then
      fail(where .. ".max", "must be the highest level, a whole number from 1")
    end
  end)
end

local PLAIN = { "state_suffixes", "ignored", "hammers", "weapons", "keepsakes", "hexes" }
for _, group in ipairs(PLAIN) do checks[group] = check_names end

-- Where each name stands. One that stands in two lists would mean two things.
local function places(lists)
  local place, path_of = {}, {}
  local function put(list, path, group, owner)
    for _, name in ipairs(list) do
      if path_of[name] then
        local problem = "has \"%s\", which is in %s as well; a trait belongs to one list"
        fail(path, problem:format(name, path_of[name]), '"' .. name .. '"')
      end
      place[name], path_of[name] = { group = group, owner = owner }, path
    end
  end
  local function put_named(name, group)
    for who, list in pairs(lists[name]) do put(list, name .. "." .. who, group, who) end
  end
  put_named("gods", "god")
  put_named("always_common", "always_common")
  for who, character in pairs(lists.characters) do
    put(character.boons, "characters." .. who .. ".boons", "character", who)
    put(character.extras, "characters." .. who .. ".extras", "character_extra", who)
  end
  for i, card in ipairs(lists.arcana) do
    put({ card.v2 }, ("arcana[%d]"):format(i), "arcana")
  end
  put(lists.ignored, "ignored", "ignored")
  put(lists.hammers, "hammers", "hammer")
  put(lists.weapons, "weapons", "weapon")
  put(lists.keepsakes, "keepsakes", "keepsake")
  put(lists.hexes, "hexes", "hex")
  for who, family in pairs(lists.familiars) do
    local path = "familiars." .. who
    put(family.shown, path .. ".shown", "familiar", who)
    put({ family.damage }, path .. ".damage", "familiar", who)
  end
  return place
end

local function check(lists)
  local groups = {}
  for group in pairs(checks) do groups[#groups + 1] = group end
  table.sort(groups)
  check_fields(lists, "the file", groups)
  for _, group in ipairs(groups) do checks[group](lists[group], group) end
  lists.place = places(lists)
  lists.extra_slots, lists.cards = {}, {}
  for _, slot in ipairs(lists.slots.extras) do lists.extra_slots[slot] = true end
  for i, card in ipairs(lists.arcana) do lists.cards[card.v2], lists.cards[card.v1] = i, i end
end

-- The lists' file as the server names it: it lies beside this one.
local FILE = raise.place(1):gsub("[^/]*$", "traits.lua")

--- Checks the lists; an error names the line, the place and what to write there.
---@param lists table
---@param text? string what they are written as; default: the file
---@return argus.Lists lists the same table, with what the rules look names up in
function M.check(lists, text)
  local fine, slip = pcall(check, lists)
  if fine then return lists end
  if type(slip) ~= "table" then error(slip, 0) end
  local line = line_of(text or nightjar.data("traits.lua"), slip)
  raise.there(("%s:%d: %s %s"):format(FILE, line, slip.path, slip.problem))
end

return M
