--- The familiar. Protocol version 1 has its name first, version 2 `level;;name`; which of them a
-- text is can be seen from it, whatever version the message announces.

local items = require "parse.items"
local json = require("nightjar").json

local M = {}

-- How far each trait is, by name, as the text that names a column of the mapping.
local function stacks_of(list, warn)
  local stacks = {}
  for i = 2, 3 do
    local stack, trait = items.two(list[i])
    if not stack then
      warn:add("familiarData has the item %s, which has not two parts: skipped", list[i])
    elseif not items.level(stack) then
      warn:add("familiarData has the number %s for %s: skipped", stack, trait)
    else
      stacks[trait] = stack
    end
  end
  return stacks
end

--- Reads the string of the familiar.
---@param text string? nil if there is none
---@param mapping argus.Mapping
---@param warn argus.Warnings
---@return table
function M.read(text, mapping, warn)
  if not text then return {} end
  local list = items.list(text, " ", "familiarData", warn)
  if #list ~= 3 then
    warn:add("familiarData has %s items instead of 3: no familiar is shown", #list)
    return {}
  end
  local level, name = items.two(list[1])
  if not level then level, name = "Common", list[1] end
  local entry = mapping.familiars[name]
  if not entry then
    warn:add("the mapping has no familiar %s: none is shown", name)
    return {}
  end
  if not items.short(level) then warn:add("the familiar's level is %s: left out", level) end
  local stacks, effects = stacks_of(list, warn), json.array {}
  for i, effect in ipairs(entry.effects) do
    effects[i] = { text = effect.text, value = effect[stacks[effect.codeName]] }
  end
  return {
    codeName = name, name = entry.name, rarity = items.short(level),
    description = entry.description, effects = effects,
  }
end

return M
