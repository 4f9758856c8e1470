--- Values as a person would write them.

local texts = require "lib.texts"

local M = {}

-- Values of a list that are named; the others are counted.
local LISTED_MAX = 6
-- Bytes of a text that are shown.
local SHOWN_MAX = 80

--- One value.
---@param value any
---@return string
function M.show(value)
  if value == nil then return "missing" end
  if type(value) ~= "string" then return tostring(value) end
  local shown = texts.cut(value, SHOWN_MAX)
  return '"' .. shown .. (#value > SHOWN_MAX and '…"' or '"')
end

--- `a`, `a or b`, `a, b or c`; of long lists the beginning and how many there are.
---@param values any[]
---@param join string "or", "and", "nor"
---@param plain? boolean texts without quotation marks
---@return string
function M.list(values, join, plain)
  local shown = {}
  for i = 1, math.min(#values, LISTED_MAX) do
    shown[i] = plain and tostring(values[i]) or M.show(values[i])
  end
  if #values > LISTED_MAX then
    return ("%s … (%d in all)"):format(table.concat(shown, ", "), #values)
  end
  if #shown < 2 then return shown[1] or "nothing" end
  local last = table.remove(shown)
  return table.concat(shown, ", ") .. " " .. join .. " " .. last
end

--- Keys of a table, sorted, so that a text comes out the same every time.
---@param values table
---@return any[]
function M.keys(values)
  local keys, count, texts_count, numbers_count = {}, 0, 0, 0
  for key in pairs(values) do
    count = count + 1
    keys[count] = key
    local kind = type(key)
    if kind == "string" then
      texts_count = texts_count + 1
    elseif kind == "number" then
      numbers_count = numbers_count + 1
    end
  end
  if count < 2 then return keys end
  if texts_count == count or numbers_count == count then
    -- Nearly always; without a function of ours it is several times as fast.
    table.sort(keys)
    return keys
  end
  table.sort(keys, function(a, b)
    if type(a) == type(b) and type(a) ~= "boolean" and type(a) ~= "table" then return a < b end
    return tostring(a) < tostring(b)
  end)
  return keys
end

return M
