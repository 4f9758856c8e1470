--- Items of the eight strings: one blank between items, `;;` between properties.

local bounds = require "bounds"
local names = require "names"

local M = {}

--- The two properties of an item; nil if it has not exactly two.
---@param item string
---@return string? first
---@return string? second
function M.two(item)
  local stop = item:find(";;", 1, true)
  if not stop or item:find(";;", stop + 2, true) then return nil end
  return item:sub(1, stop - 1), item:sub(stop + 2)
end

--- The items of a string, without empty ones.
---@param text string
---@param separator string
---@param field string name of the string, for warnings
---@param warn argus.Warnings
---@return string[]
function M.list(text, separator, field, warn)
  local items, start, count = {}, 1, 0
  local stop
  repeat
    count = count + 1
    if count > bounds.items then
      warn:add(field .. " has more than %s items: the others are skipped", bounds.items)
      break
    end
    stop = text:find(separator, start, true)
    local item = text:sub(start, (stop or #text + 1) - 1)
    if item ~= "" then
      items[#items + 1] = item
    else
      warn:add(field .. " has an empty item: skipped")
    end
    start = (stop or 0) + #separator
  until not stop
  return items
end

--- Goes through items of two properties; others are skipped with a warning.
---@param text string
---@param field string
---@param warn argus.Warnings
---@return fun(): string?, string? next first and second property
function M.pairs(text, field, warn)
  local items, i = M.list(text, " ", field, warn), 0
  return function()
    while i < #items do
      i = i + 1
      local first, second = M.two(items[i])
      if first then return first, second end
      warn:add(field .. " has the item %s, which has not two parts: skipped", items[i])
    end
    return nil
  end
end

--- A code name without what the game puts behind it when its effect is over. The strings carry that
-- on; the mapping has the names without.
---@param name string
---@param lists argus.Lists
---@return string
function M.bare(name, lists)
  -- Few names have an underscore at all.
  if not name:find("_", 1, true) then return name end
  return names.without_state(name, lists.state_suffixes)
end

--- A rarity that is allowed; `Common` for any other.
---@param rarity string
---@param allowed table<string, boolean>
---@param name string whose it is, for the warning
---@param warn argus.Warnings
---@return string
function M.rarity(rarity, allowed, name, warn)
  if allowed[rarity] then return rarity end
  warn:add("%s has the rarity %s: taken as Common", name, rarity)
  return "Common"
end

-- Levels by how they are written; 01 is none.
local LEVELS = {}
for level = 0, bounds.level_max do LEVELS[tostring(level)] = level end

--- A level as an index; nil if the text is none.
---@param text string
---@return integer?
function M.level(text) return LEVELS[text] end

--- A text that is passed on as it came: short and printable, as a number would be.
---@param text string
---@return string?
function M.short(text)
  if #text > bounds.number_bytes or not text:find "^[\33-\126]+$" then return nil end
  return text
end

return M
