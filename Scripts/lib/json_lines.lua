--- Tells in which lines the values of a JSON text stand, for messages to whoever wrote it.

local nightjar = require "nightjar"

local M = {}

---@class json_lines.Place
---@field line integer where the value's name stands, or the value itself
---@field members? table<string, json_lines.Place> of an object
---@field order? string[] names of the members as they come
---@field elements? json_lines.Place[] of an array
---@field repeated? {name: string, line: integer}[] members of an object that come again

--- The places of a text that `nightjar.json.decode` has taken.
---@param text string
---@return json_lines.Place
function M.scan(text)
  local position = 1
  local line, counted = 1, 1

  -- Goes on counting from where it stopped: the text is read once.
  local function line_at(target)
    while true do
      local newline = text:find("\n", counted, true)
      if not newline or newline >= target then return line end
      line, counted = line + 1, newline + 1
    end
  end

  local function next_byte()
    position = text:find("[^ \t\r\n]", position) or #text + 1
    return text:sub(position, position)
  end

  -- At a quotation mark; ends behind the closing one.
  local function string_value()
    local start = position
    position = position + 1
    while true do
      position = text:find('["\\]', position)
      if text:sub(position, position) == '"' then break end
      position = position + 2
    end
    position = position + 1
    local name = text:sub(start + 1, position - 2)
    if name:find("\\", 1, true) then
      name = nightjar.json.decode("[" .. text:sub(start, position - 1) .. "]")[1]
    end
    return name
  end

  local value

  local function object(place)
    place.members, place.order = {}, {}
    position = position + 1
    while next_byte() ~= "}" do
      local start = line_at(position)
      local name = string_value()
      next_byte()
      position = position + 1 -- the colon
      local member = value()
      member.line = start
      if place.members[name] then
        place.repeated = place.repeated or {}
        place.repeated[#place.repeated + 1] = { name = name, line = start }
      else
        place.order[#place.order + 1] = name
      end
      place.members[name] = member
      if next_byte() == "," then position = position + 1 end
    end
    position = position + 1
  end

  local function array(place)
    place.elements = {}
    position = position + 1
    while next_byte() ~= "]" do
      place.elements[#place.elements + 1] = value()
      if next_byte() == "," then position = position + 1 end
    end
    position = position + 1
  end

  function value()
    local first = next_byte()
    local place = { line = line_at(position) }
    if first == "{" then
      object(place)
    elseif first == "[" then
      array(place)
    elseif first == '"' then
      string_value()
    else
      position = text:find("[,%]} \t\r\n]", position) or #text + 1
    end
    return place
  end

  return value()
end

--- The line of a byte.
---@param text string
---@param offset integer from 0
---@return integer
function M.line_of(text, offset)
  local _, count = text:sub(1, offset):gsub("\n", "")
  return count + 1
end

return M
