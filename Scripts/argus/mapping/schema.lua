--- What a mapping may say. Each check returns a copy of what it was given, so that nobody else
-- holds it, and reports what is wrong with the path.

local bounds = require "bounds"
local json = require("nightjar").json
local nearest = require "lib.nearest"
local warnings = require "warnings"

local M = {}

local NULL, TEXT_BYTES = json.null, bounds.mapping_text_bytes

local SLOTS = { Weapon = true, Special = true, Cast = true, Sprint = true, Mana = true }
-- The columns of an effect, or of an entry that has a text for each rarity.
M.RARITIES = { "common", "rare", "epic", "heroic", "legendary", "duo", "infusion", "perfect" }

local function is_list(value)
  if type(value) ~= "table" then return false end
  local count = 0
  for key in pairs(value) do
    if math.type(key) ~= "integer" then return false end
    count = count + 1
  end
  return count == #value
end

-- A file has thousands of values, and is read whenever the package loads: the path of each is not
-- a table of its own. Whoever looks into a value puts the step to it at the end, and takes it away
-- when he is done.

local function text(value, path, report)
  if type(value) ~= "string" then
    report(path, ("must be a text; it is %s"):format(warnings.show(value)))
  elseif #value > TEXT_BYTES then
    report(path, ("has %d bytes, more than %d"):format(#value, TEXT_BYTES))
  end
  return value
end

local function number(value, path, report)
  if type(value) ~= "number" or value < 0 or value > bounds.number_max then
    local shown = warnings.show(value)
    report(path, ("must be a number from 0 to %d; it is %s"):format(bounds.number_max, shown))
  end
  return value
end

-- A figure on a card: a text as in the game, or a number.
local function figure(value, path, report)
  if type(value) == "number" then return number(value, path, report) end
  return text(value, path, report)
end

local function slot(value, path, report)
  if not SLOTS[value] then
    local shown = warnings.show(value)
    report(path, ("must be Weapon, Special, Cast, Sprint or Mana; it is %s"):format(shown))
  end
  return value
end

local function list_of(check, least, most)
  least, most = least or 0, most or bounds.mapping_list
  return function(value, path, report)
    if not is_list(value) then
      report(path, ("must be a list; it is %s"):format(warnings.show(value)))
      return nil
    end
    if #value < least or #value > most then
      local range = least == most and least or ("%d to %d"):format(least, most)
      report(path, ("has %d elements; it must have %s"):format(#value, range))
      return nil
    end
    -- Only an empty list has to be told from an empty object.
    local copy, depth = #value > 0 and {} or json.array {}, #path + 1
    for i = 1, #value do
      path[depth] = i
      copy[i] = check(value[i], path, report)
    end
    path[depth] = nil
    return copy
  end
end

-- Values of fields that the rules do not know are kept as they are.
local function anything(value, path, report)
  if type(value) == "string" then return text(value, path, report) end
  if type(value) == "number" or type(value) == "boolean" then return value end
  if type(value) ~= "table" or value == NULL then return nil end
  if #path > bounds.mapping_depth then
    report(path, "is nested too deep")
    return nil
  end
  local copy = is_list(value) and #value > 0 and json.array {} or {}
  local count, depth = 0, #path + 1
  for key, element in pairs(value) do
    count = count + 1
    if count > bounds.mapping_list then
      path[depth] = nil
      report(path, ("has more than %d elements"):format(bounds.mapping_list))
      break
    end
    path[depth] = key
    copy[key] = anything(element, path, report)
  end
  path[depth] = nil
  return copy
end

-- A table with fields: `needed` ones, others that are `known`, and what a file may have besides. A
-- field that is nearly one of the known is a slip.
local function record(needed, known)
  local fields, names, required = {}, {}, {}
  for name, check in pairs(known) do fields[name] = check end
  for name, check in pairs(needed) do
    fields[name] = check
    required[#required + 1] = name
  end
  for name in pairs(fields) do names[#names + 1] = name end
  table.sort(names)
  table.sort(required)
  return function(value, path, report)
    if type(value) ~= "table" or is_list(value) and #value > 0 then
      report(path, ("must be an object; it is %s"):format(warnings.show(value)))
      return nil
    end
    local copy, depth = {}, #path + 1
    for name, element in pairs(value) do
      local check = fields[name]
      path[depth] = name
      local meant = not check and type(name) == "string" and nearest.find(name, names)
      if meant and value[meant] == nil then
        report(path, ("is no field; did you mean \"%s\"?"):format(meant))
      elseif element ~= NULL then
        copy[name] = (check or anything)(element, path, report)
      end
    end
    path[depth] = nil
    for _, name in ipairs(required) do
      if copy[name] == nil and (value[name] == nil or value[name] == NULL) then
        report(path, ("lacks \"%s\""):format(name))
      end
    end
    return copy
  end
end

-- Fields with these names, all with the same check.
local function columns(names, check, fields)
  fields = fields or {}
  for _, name in ipairs(names) do fields[name] = check end
  return fields
end

local effect = record({ text = text }, columns(M.RARITIES, figure, { value = figure }))
local requirement = record({ items = list_of(text) }, { type = text })

local HAMMER_COLUMNS = { "common", "rare", "epic", "heroic", "legendary" }

local boon_fields = record({ name = text }, columns(HAMMER_COLUMNS, text, {
  gods = list_of(text, 1), slot = slot, image = text, description = text,
  effects = list_of(effect), requirements = list_of(requirement),
}))

local function boon(value, path, report)
  local entry = boon_fields(value, path, report)
  if entry and not (entry.description or entry.common or entry.legendary) then
    report(path, "lacks \"description\", or for a hammer \"common\" and \"legendary\"")
  end
  return entry
end

local vow_fields = record({
  name = text, descriptions = list_of(text, 2), fears = list_of(number, 2),
}, {})

local function vow(value, path, report)
  local entry = vow_fields(value, path, report)
  if entry and entry.descriptions and entry.fears and #entry.descriptions ~= #entry.fears then
    local problem = "has %d descriptions and %d fears; it must have one of each for a level"
    report(path, problem:format(#entry.descriptions, #entry.fears))
  end
  return entry
end

-- A card that is on the table without effect, and its four levels.
local CARD_TEXTS = 5
local card_texts = list_of(text, CARD_TEXTS, CARD_TEXTS)

local STACKS = { "1", "2", "3", "4" }
local familiar_effect = record({ codeName = text, text = text }, columns(STACKS, figure))

local entries = {
  boons = boon,
  weapons = record({ name = text, description = text }, { effects = list_of(effect) }),
  familiars = record({ name = text, description = text, effects = list_of(familiar_effect) }, {}),
  keepsakes = record({ name = text }, columns({ "common", "rare", "epic", "heroic" }, text)),
  hexes = record({ name = text, description = text }, { effects = list_of(effect) }),
  vows = vow,
  arcana = record({ name = text, grasp = number, descriptions = card_texts }, {}),
}

-- The entries of a section by code name.
local function section_of(check)
  return function(value, path, report)
    if type(value) ~= "table" or is_list(value) and #value > 0 then
      report(path, "must be an object of entries by code name")
      return nil
    end
    local copy, count, depth = {}, 0, #path + 1
    for code, entry in pairs(value) do
      count = count + 1
      if count > bounds.mapping_entries then
        path[depth] = nil
        report(path, ("has more than %d entries"):format(bounds.mapping_entries))
        break
      end
      path[depth] = code
      copy[code] = check(entry, path, report)
    end
    path[depth] = nil
    return copy
  end
end

local sections = {}
for name, check in pairs(entries) do sections[name] = section_of(check) end

--- Checks a whole mapping.
---@param value any
---@param report fun(path: (string|integer)[], text: string)
---@return argus.Mapping?
function M.mapping(value, report)
  return record(sections, {})(value, {}, report)
end

return M
