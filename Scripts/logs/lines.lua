--- The server's own log lines as entries.

local nightjar = require "nightjar"
local encode = nightjar.json.encode

local M = {}

-- Fields that stay in the server's log: whose money, game or stream it was, and where in which
-- file. (A channel is the id of who streams.)
local PRIVATE = {
  account = true, auth = true, channel = true, player = true, profile = true, token = true,
  traceback = true, uid = true, user = true, user_id = true, userid = true,
}

-- A text without the lines of files behind an error.
local function without_traceback(text) return (text:gsub("%s*stack traceback:.*$", "")) end

-- Fields in the order of the server's log, each behind a blank.
local function shown(fields)
  local names = {}
  for name in pairs(fields or {}) do
    if not PRIVATE[name:lower()] then names[#names + 1] = name end
  end
  table.sort(names)
  for index, name in ipairs(names) do
    names[index] = (" %s=%s"):format(name, without_traceback(tostring(fields[name])))
  end
  return table.concat(names)
end

--- Makes an entry of a line. It has no room, so everybody gets it who may see the server's lines.
---@param line table what `nightjar.log.listen` gives
---@return logs.Entry
function M.entry(line)
  -- Readers show `msg` alone, so it has all that the text has behind "12:00:00:000 [INFO] ".
  local start = line.text:match("^%S+ %S+ ") or ""
  local message = without_traceback(line.message)
  if line.unit then message = message .. " unit=" .. line.unit end
  if line.generation then message = ("%s generation=%d"):format(message, line.generation) end
  message = (message .. shown(line.fields)):gsub("\n", "\n    ")
  local head = ('{"timestamp":%d,"msg":%s,"level":"%s","text":%s,'):format(
    line.time, encode(message), line.level:upper(), encode(start .. message))
  head = head .. '"user":"server","room":"",'
  if line.unit then head = head .. '"unit":' .. encode(line.unit) .. "," end
  if line.generation then head = ('%s"generation":%d,'):format(head, line.generation) end
  return { room = "", head = head, time = line.time, is_own = true }
end

return M
