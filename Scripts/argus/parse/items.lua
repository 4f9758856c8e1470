--- Items of the eight strings: one blank between items, `;;` between properties.

local bounds = require "bounds"
local lists = require "traits"
local names = require "names"

local M = {}

--- The pieces of a text, between plain separators.
---@param text string
---@param separator string
---@return string[]
function M.pieces(text, separator)
  local pieces, start = {}, 1
  while true do
    local stop = text:find(separator, start, true)
    pieces[#pieces + 1] = text:sub(start, (stop or #text + 1) - 1)
    -- One more than is looked at, so that the reader can tell.
    if not stop or #pieces > bounds.items then return pieces end
    start = stop + #separator
  end
end

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
  local items = {}
  for i, piece in ipairs(M.pieces(text, separator)) do
    if i > bounds.items then
      warn:add(field .. " has more than %s items: the others are skipped", bounds.items)
    elseif piece == "" then
      warn:add(field .. " has an empty item: skipped")
    else
      items[#items + 1] = piece
    end
  end
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
---@return string
function M.bare(name) return names.without_state(name, lists.state_suffixes) end

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

--- A level as an index; nil if the text is no plain number.
---@param text string
---@return integer?
function M.level(text)
  if #text > bounds.number_bytes or not text:find "^%d+$" then return nil end
  local level = math.tointeger(tonumber(text))
  -- 01 is no level: the mapping has none of that name.
  return tostring(level) == text and level or nil
end

--- A text that is passed on as it came: short and printable, as a number would be.
---@param text string
---@return string?
function M.short(text)
  if #text > bounds.number_bytes or not text:find "^[\33-\126]+$" then return nil end
  return text
end

return M
