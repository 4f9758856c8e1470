--- Recording and replaying. A recording is a file of JSON lines, written and read by the command
-- `nightjar events`:
--
--   {"at":1763000000000,"message":{…}}        a message of the stream, when it came (milliseconds)
--   {"at":1763000000000,"text":"…"}           one that is not JSON
--   {"at":1763000000000,"census":"…","value":…}  what a look-up was answered
--
-- A line that is a message itself, {"payload":{…},…}, is played at its own timestamp.

local nightjar = require "nightjar"
local clock = require "clock"
local core = require "core"
local intake = require "intake"
local kept = require "lib.kept"
local limits = require "limits"
local texts = require "lib.texts"

local M = {}

-- Survives reloads: the number of the latest line, when a piece was last asked for, and the latest
-- lines by number, so that who records while scripts are saved misses nothing.
local latest = kept("recorder", { last = 0, asked_at = 0, from = 1, lines = {}, bytes = 0 })

-- Those before `latest.from`, which wait only for a slow reader. They end with this generation, and
-- count as missing then.
local older, older_bytes = {}, 0
-- The oldest line that is there.
local first = 1

local function line_at(number) return older[number] or latest.lines[number] end

local function drop_oldest()
  if first < latest.from then
    older_bytes = older_bytes - #older[first]
    older[first] = nil
  else
    latest.bytes = latest.bytes - #latest.lines[first]
    latest.lines[first] = nil
    latest.from = first + 1
  end
  first = first + 1
end

-- nil: what cannot be written as JSON. It is counted as a line that is missing.
local function add(line)
  if not line then line = "" end
  local number = latest.last + 1
  latest.last, latest.lines[number] = number, line
  latest.bytes = latest.bytes + #line
  while latest.bytes > limits.carried_bytes do
    local from = latest.from
    local moved = latest.lines[from]
    older[from], latest.lines[from] = moved, nil
    older_bytes, latest.bytes = older_bytes + #moved, latest.bytes - #moved
    latest.from = from + 1
  end
  while latest.last - first >= limits.recording_messages
    or older_bytes + latest.bytes > limits.recording_bytes do
    drop_oldest()
  end
end

local function on_message(text)
  if nightjar.now() - latest.asked_at > limits.recorder_ms then return M.stop() end
  -- A text that is JSON is written as it is, so that large numbers stay what they are.
  local value = nightjar.json.decode(text)
  if type(value) == "table" and not text:find("[\r\n]") then
    return add(('{"at":%d,"message":%s}'):format(clock.now(), text))
  end
  text = texts.cut(text, limits.garbage_bytes)
  add(nightjar.json.encode({ at = clock.now(), text = text }, { sort = true }))
end

local function on_answer(key, value)
  if intake.tap ~= on_message then return end
  add(nightjar.json.encode({ at = clock.now(), census = key, value = value }, { sort = true }))
end

core.census.options.on_answer = on_answer

--- Nobody records any more.
function M.stop()
  intake.tap = nil
  older, older_bytes = {}, 0
  first = latest.last + 1
  latest.lines, latest.bytes, latest.from, latest.asked_at = {}, 0, first, 0
end

--- Goes on with what the former generation has recorded. For `M.on_reload`.
function M.resume()
  first = latest.from
  if nightjar.now() - latest.asked_at <= limits.recorder_ms then intake.tap = on_message end
end

local function state_words()
  if #core.set:list() == 0 then return "no trigger is on: the stream is not connected" end
  local status = core.stream.socket:status()
  return status.state == "open" and "" or "the stream is " .. status.state
end

--- A piece of the recording: what came behind a number. nil begins one.
---@param after? integer what the last piece called `next`
---@return table piece lines, next, missing, more, state
function M.piece(after)
  local last = latest.last
  latest.asked_at = nightjar.now()
  intake.tap = on_message
  if math.type(after) ~= "integer" then after = last end
  local piece, size, number = nightjar.json.array {}, 0, math.max(after + 1, first)
  local missing = number - (after + 1)
  -- A server that was started meanwhile counts from the beginning.
  if after > last then number, missing = first, 0 end
  while number <= last and size < limits.piece_bytes do
    local line = line_at(number)
    if line == "" then
      missing = missing + 1
    else
      piece[#piece + 1] = line
      size = size + #line
    end
    number = number + 1
  end
  -- What was fetched is not needed again.
  while first < number do drop_oldest() end
  return {
    lines = piece, next = number - 1, missing = missing, more = number <= last,
    state = state_words(),
  }
end

-- Replaying ----------------------------------------------------------------------------------

local function time_of(value)
  local at = math.tointeger(value.at)
  if at then return at end
  local payload = type(value.payload) == "table" and value.payload or value
  local seconds = math.tointeger(tonumber(payload.timestamp))
  return seconds and seconds * 1000
end

--- What a line of a recording is.
---@param line string
---@return {at?: integer, text?: string, census?: string, value?: any}? entry
---@return string? problem
function M.read(line)
  local value, _, detail = nightjar.json.decode(line, { raw = { "message" } })
  if type(value) ~= "table" then return nil, detail or "is no JSON object" end
  local at = time_of(value)
  if value.census ~= nil then
    if type(value.census) ~= "string" then return nil, "census: a text expected" end
    local known = value.value
    if known == nightjar.json.null or known == nil then known = false end
    return { at = at, census = value.census, value = known }
  end
  if value.message ~= nil then return { at = at, text = tostring(value.message) } end
  if value.text ~= nil then
    if type(value.text) ~= "string" then return nil, "text: a text expected" end
    return { at = at, text = value.text }
  end
  if value.payload ~= nil or value.service ~= nil then return { at = at, text = line } end
  return nil, "has none of message, text, census and payload"
end

-- Actions that an event has begun get as long as they need, but not for ever.
local PATIENCE_SECONDS, PAUSE_SECONDS = 5, 0.001

local function wait_for_actions()
  local waited = 0
  while true do
    local actions = core.set:report().actions
    if actions.running == 0 and actions.waiting == 0 then return end
    if waited >= PATIENCE_SECONDS then return end
    nightjar.sleep(PAUSE_SECONDS)
    waited = waited + PAUSE_SECONDS
  end
end

--- Takes one line: the same way as if it had come from the stream, at the recorded time.
---@param line string
---@param settle fun() waits until the actions are through
---@return boolean? taken
---@return string? problem
function M.play(line, settle)
  local entry, problem = M.read(line)
  if not entry then return nil, problem end
  if entry.at then clock.replay(entry.at) end
  if entry.census then
    core.census.cache:put(entry.census, entry.value, clock.now())
  elseif intake.take(entry.text) > 0 then
    settle()
  end
  return true
end

--- Replays lines of a recording. May wait.
---@param list string[]
---@return table answer `taken`, and `problem` with `at`, the place in the list, if a line is none
function M.replay(list)
  if not core.settings.offline then
    return { taken = 0, at = 1, problem = "this server uses the stream (setting offline)" }
  end
  for index, line in ipairs(list) do
    local taken, problem = M.play(line, wait_for_actions)
    if not taken then return { taken = index - 1, at = index, problem = problem } end
    -- Others come in between.
    if index % 25 == 0 then nightjar.sleep(0) end
  end
  return { taken = #list }
end

nightjar.provide("ps2.record", M.piece)
nightjar.provide("ps2.replay", M.replay)

return M
