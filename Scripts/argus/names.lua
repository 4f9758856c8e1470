--- Code names and numbers: what of a foreign value may be passed on.

local bounds = require "bounds"

local M = {}

-- Fields of a trait that the rules read.
local FIELDS = { "Name", "Rarity", "Slot", "StackNum", "IsHammerTrait", "IsElementalTrait" }

--- A code name: letters, digits and underscores as in the game, dots and hyphens as in names of
-- mods. Anything else could break the strings, whose separators are the blank, the semicolon and
-- the colon.
---@param value any
---@return string? name nil if it is none
function M.code(value)
  if type(value) ~= "string" or #value > bounds.name_bytes then return nil end
  return value:match "^[%w_%.%-]+$"
end

--- A whole number that the game may have meant; 3.0 counts, as JSON writers often make it.
---@param value any
---@return integer? number nil if it is none
function M.whole(value)
  if type(value) ~= "number" then return nil end
  local number = math.tointeger(value)
  if not number or number > bounds.number_max or number < -bounds.number_max then return nil end
  return number
end

--- The name without what the game puts behind it when the trait's effect is over.
---@param name string
---@param suffixes string[]
---@return string
function M.without_state(name, suffixes)
  for i = 1, #suffixes do
    local suffix = suffixes[i]
    if #name > #suffix and name:sub(-#suffix) == suffix then name = name:sub(1, -#suffix - 1) end
  end
  return name
end

--- What the rules read of a trait, copied: code names, whole numbers and truth values.
---@param trait table
---@return table
function M.fields(trait)
  local copy = {}
  for _, field in ipairs(FIELDS) do
    local value = trait[field]
    if M.code(value) or M.whole(value) or type(value) == "boolean" then copy[field] = value end
  end
  return copy
end

return M
