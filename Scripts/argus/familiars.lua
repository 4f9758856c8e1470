--- The string of a familiar: its level, and how far the two traits are that viewers see.

local bounds = require "bounds"
local names = require "names"

local M = {}

-- How far each of the family's traits is, by name; and the sum of what they are above 1.
local function stacks_of(traits, wanted)
  local stacks, above = {}, 0
  for i = 1, math.min(#traits, bounds.traits) do
    local trait = traits[i]
    local name = type(trait) == "table" and trait.Name
    local stack = name and wanted[name] and names.whole(trait.StackNum)
    if stack then
      above = above + stack - 1
      stacks[name] = stacks[name] or stack
    end
  end
  return stacks, above
end

--- `8;;LastStandFamiliar 2;;LastStandFamiliar 3;;FamiliarCatResourceBonus`, without the level in
-- version 1.
---@param name string? the familiar's name; nil if the hero has none
---@param traits table all traits of the hero
---@param lists argus.Lists
---@param version "1"|"2"
---@return string? text nil if nothing may be sent
---@return string? reason with nil
function M.text(name, traits, lists, version)
  if not name then return "NOFAMILIARS" end
  local family = lists.familiars[name]
  if not family then return nil, ("INVALID familiar: traits.lua has no family %s"):format(name) end
  local first, second = family.shown[1], family.shown[2]
  local wanted = { [first] = true, [second] = true, [family.damage] = true }
  local stacks, above = stacks_of(traits, wanted)
  if not (stacks[first] and stacks[second]) then
    local problem = "INVALID familiar: %s needs %s and %s, each with a StackNum"
    return nil, problem:format(name, first, second)
  end
  local text = ("%s %d;;%s %d;;%s"):format(name, stacks[first], first, stacks[second], second)
  return version == "1" and text or 1 + above .. ";;" .. text
end

return M
