--- Pins: boons that the player wants, with what has to be there before.

local boons = require "parse.boons"
local items = require "parse.items"
local json = require("nightjar").json

local M = {}

-- So many are shown.
local SHOWN = 3

-- A pin has the rarity that its first effect has figures for, in this order.
local BY_COLUMN = { { "duo", "Duo" }, { "infusion", "Infusion" }, { "legendary", "Legendary" } }

local function rarity_of(entry)
  local first = entry.effects and entry.effects[1]
  for _, pair in ipairs(BY_COLUMN) do
    if first and first[pair[1]] ~= nil then return pair[2] end
  end
  return "Common"
end

-- Names of the boons that the run has.
local function names_of(text, lists, warn)
  local had = {}
  if not text then return had end
  for _, name in items.pairs(text, "boonData", warn) do had[items.bare(name, lists)] = true end
  return had
end

local function requirements_of(entry, mapping, had)
  if not entry.requirements then return nil end
  local rows = json.array {}
  for _, row in ipairs(entry.requirements) do
    if row.type then
      local list = json.array {}
      for _, code in ipairs(row.items) do
        local needed = mapping.boons[code]
        if needed then
          local boon = boons.boon(code, "Common", needed)
          boon.fulfilled = had[code] == true
          list[#list + 1] = boon
        end
      end
      rows[#rows + 1] = { type = row.type, items = list }
    end
  end
  return rows
end

--- Reads the string of pins.
---@param text string? nil if there are none
---@param boon_text string? the string of boons: what of the requirements is there
---@param mapping argus.Mapping
---@param lists argus.Lists
---@param warn argus.Warnings
---@return table list
function M.read(text, boon_text, mapping, lists, warn)
  local result = json.array {}
  if not text then return result end
  -- What is odd about the boons has been told by then.
  local had = names_of(boon_text, lists, { add = function() end })
  for _, code in ipairs(items.list(text, ";;", "pinData", warn)) do
    local entry = mapping.boons[code]
    if not entry then
      warn:add("the pin %s is no boon: skipped", code)
    elseif #result < SHOWN then
      local pin = boons.boon(code, rarity_of(entry), entry)
      pin.boonType, pin.requirements = nil, requirements_of(entry, mapping, had)
      result[#result + 1] = pin
    end
  end
  return result
end

return M
