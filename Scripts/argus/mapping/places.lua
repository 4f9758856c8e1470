--- Where a value stands in a JSON text that is known to be sound.

local json = require("nightjar").json

local M = {}

--- A path for people: `boons.ZeusWeaponBoon.effects[1].text`.
---@param path (string|integer)[]
---@return string
function M.written(path)
  local text = ""
  for i, step in ipairs(path) do
    local piece = type(step) == "number" and "[" .. step .. "]" or (i > 1 and "." or "") .. step
    text = text .. piece
  end
  return text
end

-- Behind the text that starts at a quotation mark.
local function after_text(text, at)
  at = at + 1
  while true do
    local stop = text:find('["\\]', at)
    if not stop then return #text + 1 end
    if text:sub(stop, stop) == '"' then return stop + 1 end
    at = stop + 2
  end
end

-- Behind the value that starts here.
local function after_value(text, at)
  local depth = 0
  repeat
    local stop = text:find('[%[%]{}",]', at) or #text + 1
    local byte = text:sub(stop, stop)
    -- A number or a word ends before what follows it.
    if depth == 0 and stop > at and text:find("^%S", at) then return stop end
    if byte == "" then return stop end
    at = byte == '"' and after_text(text, stop) or stop + 1
    if byte == "{" or byte == "[" then depth = depth + 1 end
    if byte == "}" or byte == "]" then depth = depth - 1 end
  until depth <= 0
  return at
end

-- Where the member `name` of the object that starts here has its key, and its value.
local function member(text, at, name)
  at = at + 1
  while true do
    at = text:find("[^%s,]", at)
    if not at or text:sub(at, at) ~= '"' then return nil end
    local key, after = at, after_text(text, at)
    local value = text:find("[^%s:]", after)
    if not value then return nil end
    if json.decode(text:sub(key, after - 1)) == name then return key, value end
    at = after_value(text, value)
  end
end

-- Where element `index` of the list that starts here is.
local function element(text, at, index)
  at = text:find("[^%s,]", at + 1)
  for _ = 2, index do
    if not at or text:sub(at, at) == "]" then return nil end
    at = text:find("[^%s,]", after_value(text, at))
  end
  return at
end

--- The byte where a path leads: the key of the last member on it that is there.
---@param text string sound JSON
---@param path (string|integer)[]
---@return integer at
function M.find(text, path)
  local value = text:find "%S" or 1
  local at = value
  for _, step in ipairs(path) do
    local byte = text:sub(value, value)
    local key, inner
    if byte == "{" and type(step) == "string" then
      key, inner = member(text, value, step)
    elseif byte == "[" and type(step) == "number" then
      key = element(text, value, step)
      inner = key
    end
    if not key then break end
    at, value = key, inner
  end
  return at
end

return M
