--- Reads what clients post: one JSON object or a list of them. The text of an entry goes on as it
-- came, digit by digit and in its order; the server only puts its own members behind.

local nightjar = require "nightjar"
local json = nightjar.json

local M = {}

-- The plug-in posts 5 at a time. So many are read and sent well within a handler's 20 ms.
M.COUNT_MAX = 500

-- What the server says itself; an entry that brings it has it replaced.
local SERVER_MEMBERS = { serverTime = true, seqNumber = true }

---@class logs.Entry
---@field room string
---@field head string JSON object without its end, after a comma if it has members
---@field time integer Unix ms of its arrival
---@field is_own? boolean a line of the server, which not everybody may see
---@field text? string the whole JSON object, once it has a number

local function filler(text) return ("_"):rep(#text) end

-- The text with all strings (keys too) blanked out, so that each bracket and comma left is one of
-- the structure. Valid JSON only; positions stay.
local function mask(text)
  local plain = text:gsub("\\.", "__")
  return (plain:gsub('"[^"]*"', filler))
end

-- An object's text without some of its members.
local function without(text, masked, is_dropped)
  local flat = masked:sub(2, -2):gsub("%b{}", filler):gsub("%b[]", filler)
  local kept = {}
  for from, member, to in flat:gmatch("()([^,]+)()") do
    local key = json.decode(text:sub(from + 1, from + member:find(":", 1, true) - 1))
    if not is_dropped[key] then kept[#kept + 1] = text:sub(from + 1, to) end
  end
  return "{" .. table.concat(kept, ",") .. "}"
end

local function entry(value, text, masked, time)
  local room = value.room
  local is_dropped = SERVER_MEMBERS
  if type(room) ~= "string" then
    if room ~= nil then is_dropped = { room = true, serverTime = true, seqNumber = true } end
    room = ""
  end
  for name in pairs(is_dropped) do
    if value[name] ~= nil then
      text = without(text, masked, is_dropped)
      break
    end
  end
  local head = text:sub(1, -2)
  if head:find("[^{%s]") then head = head .. "," end
  if type(value.room) ~= "string" then head = head .. '"room":"",' end
  return { room = room, head = head, time = time }
end

--- Reads a posted body.
---@param body string
---@param time integer Unix ms of its arrival, the same for all its entries
---@return logs.Entry[]? entries
---@return string? code `invalid_json`, `not_entries`, `too_many`
---@return string? message
function M.read(body, time)
  local value, code, detail = json.decode(body)
  if value == nil then return nil, code, detail end
  local masked = mask(body)
  local list = value
  if masked:find("^%s*{") then
    list = { value }
  else
    -- Objects side by side and nothing else.
    local between, depth = masked:gsub("%b{}", ""):gsub("[%s,]", "")
    if depth == nil or between ~= "[]" then
      return nil, "not_entries", "an object or a list of objects expected"
    end
  end
  if #list > M.COUNT_MAX then
    return nil, "too_many", "at most " .. M.COUNT_MAX .. " entries at a time"
  end
  local result = {}
  for from, inner, to in masked:gmatch("()(%b{})()") do
    local index = #result + 1
    result[index] = entry(list[index], body:sub(from, to - 1), inner, time)
  end
  return result
end

--- The entry as it is sent.
---@param what logs.Entry
---@param number integer its sequence number
---@return string json
function M.numbered(what, number)
  return ('%s"serverTime":%d,"seqNumber":%d}'):format(what.head, what.time, number)
end

--- The room a listener asks for: `room`, else `roomId`; nil: all of them.
---@param query table<string, string>
---@return string?
function M.wanted_room(query)
  for _, name in ipairs { "room", "roomId" } do
    if query[name] and query[name] ~= "" then return query[name] end
  end
  return nil
end

return M
