--- Names in rows of Census. Unknown fields are the text "NULL", or missing.

local M = {}

local function text(value)
  if type(value) ~= "string" or value == "" or value == "NULL" then return nil end
  return value
end

--- The English name of a title or a world.
---@param row any
---@return string?
function M.of(row)
  if type(row) ~= "table" or type(row.name) ~= "table" then return nil end
  return text(row.name.en)
end

--- The name of a character; its id if it has none.
---@param character table
---@return string
function M.first(character)
  local name = type(character.name) == "table" and text(character.name.first)
  return name or tostring(character.character_id)
end

return M
