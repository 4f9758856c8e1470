--- Recording what comes from the games, and reading it again. A recording is a file of JSON lines;
-- `nightjar events record FILE --package argus` writes it, `nightjar argus parse FILE` tells what
-- each line comes to with the scripts and the mapping as they are now.
--
--   {"at":1763000000000,"channel":"4711","message":{…}}   a body of /run_info, when it came
--   {"at":1763000000000,"text":"…"}                       one that is not JSON
--   {"at":1763000000000,"hex":"…"}                        one that is not even text: its bytes
--
-- No token is ever in it.

local nightjar = require "nightjar"
local core = require "core"
local kept = require "lib.kept"
local limits = require "limits"
local payload = require "payload"
local recordings = require "lib.recording"

local M = {}

---@type lib.RecordingOptions
M.OPTIONS = {
  kept = kept("recorder", recordings.fresh()), carried_bytes = limits.carried_bytes,
  lines = limits.recording_lines, bytes = limits.recording_bytes,
  patience_ms = limits.recorder_ms,
}

local recording = recordings.new(M.OPTIONS)

-- Whatever might be a token in a text that nobody could read.
local function masked(text) return (text:gsub("%x%x%x%x%x%x%x%x+", "********")) end

-- - object: what the text says, if it could be read and its token is right
local function on_payload(channel, text, object)
  if not recording:is_on() then return M.stop() end
  local line = { at = nightjar.now(), channel = channel }
  if object then
    line.message = {}
    for name, value in pairs(object) do line.message[name] = value end
    line.message.argusToken = nil
  elseif utf8.len(text) then
    line.text = masked(text)
  else
    line.hex = nightjar.crypto.hex(masked(text:sub(1, limits.body_bytes)))
  end
  local written = nightjar.json.encode(line, { sort = true })
  -- Some mod may have written it into another member, too.
  local token = object and object.argusToken
  if written and type(token) == "string" and token:find "^%x+$" then
    written = written:gsub(token, "********")
  end
  recording:add(written)
end

--- Nobody records any more.
function M.stop()
  core.tap = nil
  recording:stop()
end

--- Goes on with what the former generation has recorded. For `M.on_reload`.
function M.resume()
  if recording:resume() then core.tap = on_payload end
end

--- A piece of the recording: what came behind a number. nil begins one.
---@param after? integer what the last piece called `next`
---@return table piece lines, next, missing, more, state
function M.piece(after)
  core.tap = on_payload
  return recording:piece(after)
end

-- Reading ------------------------------------------------------------------------------------

--- What a line of a recording is.
---@param line string
---@return {at?: integer, channel?: string, message?: table, text?: string}? entry
---@return string? problem
function M.read(line)
  local value, _, detail = nightjar.json.decode(line)
  if type(value) ~= "table" then return nil, detail or "is no JSON object" end
  local entry = { at = math.tointeger(value.at) }
  if type(value.channel) == "string" then entry.channel = value.channel end
  if type(value.message) == "table" then
    entry.message = value.message
  elseif type(value.text) == "string" then
    entry.text = value.text
  elseif type(value.hex) == "string" then
    entry.text = nightjar.crypto.unhex(value.hex)
  end
  if not entry.message and not entry.text then return nil, "has none of message, text and hex" end
  return entry
end

--- Whether a text is a line of a recording.
---@param text string
---@return boolean
function M.is_line(text)
  local value = nightjar.json.decode(text)
  return type(value) == "table" and math.tointeger(value.at) ~= nil
    and (value.message ~= nil or value.text ~= nil or value.hex ~= nil)
end

--- What a line comes to with the scripts as they are now.
---@param line string
---@param lists argus.Lists
---@param mapping table
---@return argus.Payload? payload
---@return string? code
---@return string? message
---@return argus.Payload? rest warnings and unknown traits of a state that is no run
function M.payload(line, lists, mapping)
  local entry, problem = M.read(line)
  if not entry then return nil, "unreadable", problem end
  if entry.message then return payload.read_any_value(entry.message, lists, mapping) end
  return payload.read_any(entry.text, lists, mapping)
end

nightjar.provide("argus.record", M.piece)

return M
