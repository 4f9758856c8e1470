--- Elements: how many boons of each the run has.

local items = require "parse.items"
local json = require("nightjar").json

local M = {}

-- The order in which viewers see them.
local ORDER = { "Earth", "Water", "Air", "Fire", "Aether" }

--- Reads the string of elements.
---@param text string? nil if there is none
---@param warn argus.Warnings
---@return table list
function M.read(text, warn)
  local result, counts = json.array {}, {}
  if not text then return result end
  for _, item in ipairs(items.list(text, ";;", "elementalData", warn)) do
    local name, count = item:match "^([^:]*):([^:]*)$"
    if name and items.short(count) then
      counts[name] = count
    else
      warn:add("elementalData has the item %s, no NAME:NUMBER: skipped", item)
    end
  end
  for i, name in ipairs(ORDER) do result[i] = { name = name, value = counts[name] or "0" } end
  return result
end

return M
