--- The server's own log lines as entries.

local nightjar = require "nightjar"
local encode = nightjar.json.encode

local M = {}

--- Makes an entry of a line. It has no room, so every listener gets it.
---@param line table what `nightjar.log.listen` gives
---@return logs.Entry
function M.entry(line)
  -- Readers show `msg` alone, so it has all that the text has behind "12:00:00:000 [INFO] ".
  local message = line.text:match("^%S+ %S+ (.*)$") or line.message
  local head = ('{"timestamp":%d,"msg":%s,"level":"%s","text":%s,'):format(
    line.time, encode(message), line.level:upper(), encode(line.text))
  head = head .. '"user":"server","room":"",'
  if line.unit then head = head .. '"unit":' .. encode(line.unit) .. "," end
  if line.generation then head = ('%s"generation":%d,'):format(head, line.generation) end
  return { room = "", head = head, time = line.time }
end

return M
