--- Vows, and the fear they add up to.

local items = require "parse.items"
local json = require("nightjar").json

local M = {}

--- Reads the string of vows.
---@param text string? nil if there are none
---@param mapping argus.Mapping
---@param warn argus.Warnings
---@return table
function M.read(text, mapping, warn)
  if not text then return {} end
  local result = { vowList = json.array {}, totalFear = 0 }
  for level, name in items.pairs(text, "vowData", warn) do
    local entry, index = mapping.vows[name], items.level(level)
    -- Lists of the mapping start with level 0.
    local fear = entry and index and entry.fears[index + 1]
    if fear then
      result.vowList[#result.vowList + 1] = {
        codeName = name, name = entry.name, level = level,
        description = entry.descriptions[index + 1],
      }
      result.totalFear = result.totalFear + fear
    elseif entry then
      warn:add("%s has no level %s: skipped", name, level)
    else
      warn:add("the mapping has no vow %s: skipped", name)
    end
  end
  return result
end

return M
