--- Makes the eight strings from the game's raw tables: what the mod did on the player's machine.
--
-- The game state is what the game has, as JSON or as Lua table text:
--
--     { CurrentRun = { Hero = { Traits = { … }, Elements = { … } } },
--       GameState = { StoreItemPins = { … }, ShrineUpgrades = { … }, MetaUpgradeState = { … } } }
--
-- The five tables may also stand side by side, without the tables around them.

local bounds = require "bounds"
local classify = require "classify"
local familiars = require "familiars"
local names = require "names"
local warnings = require "warnings"

local M = {}

-- The order in which the original writes them.
local ELEMENTS = { "Fire", "Air", "Earth", "Water", "Aether" }

local function table_or_nil(value) return type(value) == "table" and value or nil end

-- The five tables of a game state, wherever they stand.
local function tables_of(game_state)
  local run, state = table_or_nil(game_state.CurrentRun), table_or_nil(game_state.GameState)
  local hero = run and table_or_nil(run.Hero) or game_state
  state = state or game_state
  return {
    traits = hero.Traits, elements = table_or_nil(hero.Elements),
    pins = table_or_nil(state.StoreItemPins), vows = table_or_nil(state.ShrineUpgrades),
    cards = table_or_nil(state.MetaUpgradeState),
  }
end

-- The names of a map, sorted by `rank`, then by name: a hash has no order of its own, and the same
-- run shall give the same string.
local function sorted_names(map, rank, warn)
  local found, looked_at = {}, 0
  for name in pairs(map or {}) do
    looked_at = looked_at + 1
    if looked_at > bounds.entries then
      warn:add("only %s entries of a map are looked at", bounds.entries)
      break
    end
    if names.code(name) then
      found[#found + 1] = name
    else
      warn:add("%s is no code name: left out", name)
    end
  end
  table.sort(found, function(a, b)
    local first, second = rank[a] or math.maxinteger, rank[b] or math.maxinteger
    if first ~= second then return first < second end
    return a < b
  end)
  return found
end

local function joined(list, separator, nothing)
  return #list > 0 and table.concat(list, separator) or nothing
end

local function elements_of(elements, warn)
  if not elements then return "NOELEMENTS" end
  local parts = {}
  for i, element in ipairs(ELEMENTS) do
    local count = names.whole(elements[element] == nil and 0 or elements[element])
    if not count then warn:add("Elements." .. element .. " is no whole number: 0 is sent") end
    parts[i] = element .. ":" .. (count or 0)
  end
  return table.concat(parts, ";;")
end

local function pins_of(pins, warn)
  local found = {}
  for i = 1, math.min(pins and #pins or 0, bounds.entries) do
    local name = type(pins[i]) == "table" and names.code(pins[i].Name)
    if name then
      found[#found + 1] = name
    else
      warn:add("StoreItemPins[%s] has no Name: left out", i)
    end
  end
  return joined(found, ";;", "NOPINS")
end

local function vows_of(vows, lists, warn)
  local rank, found = {}, {}
  for i, vow in ipairs(lists.vows) do rank[vow.name] = i end
  for _, name in ipairs(sorted_names(vows, rank, warn)) do
    local level = names.whole(vows[name])
    if not level or level < 0 then
      warn:add("ShrineUpgrades." .. name .. " is no level: left out")
    elseif level > 0 then
      found[#found + 1] = level .. ";;" .. name
    end
  end
  return joined(found, " ", "NOVOWS")
end

-- Cards of protocol version 1: a table of their own says which are on the table, and their levels.
local function cards_of(cards, lists, warn)
  local found = {}
  for _, name in ipairs(sorted_names(cards, lists.cards, warn)) do
    local card = table_or_nil(cards[name])
    local level = card and card.Equipped == true and names.whole(card.Level)
    if level then found[#found + 1] = level .. ";;" .. name end
  end
  return found
end

-- Goes through the traits; what no rule takes is collected, each name once.
local function sort_traits(traits, lists, mapping, version, warn)
  local found = classify.start(mapping, version)
  local sorted = { boons = {}, extras = {}, arcana = {}, unknown = {} }
  local seen = {}
  for i = 1, math.min(#traits, bounds.traits) do
    local class = classify.trait(traits[i], lists, found)
    local target = class.target
    if target == "weapon" or target == "familiar" then
      sorted[target] = class.item
    elseif target then
      local list = sorted[target]
      list[#list + 1] = class.item
    elseif not class.name then
      warn:add("trait %s has no Name that can be told: left out", i)
    elseif not seen[class.name] and not classify.is_known(class.name, lists) then
      seen[class.name] = true
      if #sorted.unknown < bounds.unknown_per_state then
        sorted.unknown[#sorted.unknown + 1] = names.fields(traits[i])
      end
    end
  end
  if #traits > bounds.traits then
    warn:add("only %s of %s traits are looked at", bounds.traits, #traits)
  end
  return sorted
end

--- Makes the eight strings of a run.
---@param game_state any as above; whatever it is, this never raises
---@param lists argus.Lists traits.lua
---@param mapping? table knows boons of a patch that traits.lua does not have yet
---@param version? string protocol version, "1" or "2"
---@return table<string, string>? run_data nil if the original would send nothing
---@return string? reason with nil, for people
---@return string[] warnings
---@return table[] unknown traits that no rule takes and no list knows, with what rules read of them
function M.build(game_state, lists, mapping, version)
  local warn = warnings.new()
  if type(game_state) ~= "table" then return nil, "no game state", warn:texts(), {} end
  local raw = tables_of(game_state)
  if type(raw.traits) ~= "table" then
    return nil, "no traits: CurrentRun.Hero.Traits must be a list", warn:texts(), {}
  end
  version = version == "1" and "1" or "2"
  local sorted = sort_traits(raw.traits, lists, mapping, version, warn)
  if not sorted.weapon then return nil, "no weapon trait", warn:texts(), sorted.unknown end
  local familiar, problem = familiars.text(sorted.familiar, raw.traits, lists, version)
  if not familiar then return nil, problem, warn:texts(), sorted.unknown end
  local arcana = version == "1" and cards_of(raw.cards, lists, warn) or sorted.arcana
  return {
    boonData = joined(sorted.boons, " ", "NOBOONS"),
    weaponData = sorted.weapon,
    familiarData = familiar,
    extraData = joined(sorted.extras, " ", "NOEXTRAS"),
    elementalData = elements_of(raw.elements, warn),
    pinData = pins_of(raw.pins, warn),
    vowData = vows_of(raw.vows, lists, warn),
    arcanaData = joined(arcana, " ", "NOARCANA"),
  }, nil, warn:texts(), sorted.unknown
end

return M
