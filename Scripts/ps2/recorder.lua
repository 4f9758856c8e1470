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
local recordings = require "lib.recording"
local texts = require "lib.texts"
local waiting = require("lib.triggers.actions").waiting

local M = {}

local function state_words()
  if #core.set:list() == 0 then return "no trigger is on: the stream is not connected" end
  local status = core.stream.socket:status()
  return status.state == "open" and "" or "the stream is " .. status.state
end

---@type lib.RecordingOptions
M.OPTIONS = {
  kept = kept("recorder", recordings.fresh()), carried_bytes = limits.carried_bytes,
  lines = limits.recording_messages, bytes = limits.recording_bytes,
  line_bytes = limits.recorded_bytes, patience_ms = limits.recorder_ms, state = state_words,
}

local recording = recordings.new(M.OPTIONS)

local function on_message(text)
  if not recording:is_on() then return M.stop() end
  -- A text that is JSON is written as it is, so that large numbers stay what they are.
  local value = nightjar.json.decode(text)
  if type(value) == "table" and not text:find("[\r\n]") then
    return recording:add(('{"at":%d,"message":%s}'):format(clock.now(), text))
  end
  text = texts.cut(text, limits.garbage_bytes)
  recording:add((nightjar.json.encode({ at = clock.now(), text = text }, { sort = true })))
end

local function on_answer(key, value)
  if intake.tap ~= on_message then return end
  local line = { at = clock.now(), census = key, value = value }
  recording:add((nightjar.json.encode(line, { sort = true })))
end

core.census.options.on_answer = on_answer

--- Nobody records any more.
function M.stop()
  intake.tap = nil
  recording:stop()
end

--- Goes on with what the former generation has recorded. For `M.on_reload`.
function M.resume()
  if recording:resume() then intake.tap = on_message end
end

--- A piece of the recording: what came behind a number. nil begins one.
---@param after? integer what the last piece called `next`
---@return table piece lines, next, missing, more, state
function M.piece(after)
  intake.tap = on_message
  return recording:piece(after)
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

-- Actions that an event has begun get as long as they need, but not for ever. A trigger that has
-- used up that patience once, as with `nightjar.sleep`, whose seconds are real, gets the short one
-- from then on; so does everybody when a call of `replay` has waited so long in all: it has 30 s.
local PATIENCE_SECONDS, SHORT_SECONDS, PAUSE_SECONDS = 5, 0.02, 0.001
local CALL_SECONDS = 20
local RUNNING = require("lib.triggers.limits").running

-- Tasks that go on beside the replay, triggers with such, and what a call may still wait.
local slow, slow_triggers, left = {}, {}, CALL_SECONDS

--- Waits until all actions have ended, or wait for the recording to go on.
function M.wait_for_actions()
  local waited, actions = 0, core.set.actions
  -- What was woken and is no action of a trigger has its turn, too.
  clock.host.sleep(0)
  while true do
    local busy, patience = clock.busy(actions.running), 0
    -- Behind too many that go on beside the replay nobody can begin.
    if waiting(actions) > 0 and actions.count < RUNNING then patience = PATIENCE_SECONDS end
    for _, task in ipairs(busy) do
      local short = slow_triggers[actions.running[task]] and SHORT_SECONDS or PATIENCE_SECONDS
      patience = math.max(patience, slow[task] and 0 or short)
    end
    if patience == 0 then return end
    if waited >= (left > 0 and patience or SHORT_SECONDS) then
      slow = {}
      for _, task in ipairs(busy) do
        slow[task] = true
        local trigger = actions.running[task]
        if trigger and waited >= PATIENCE_SECONDS then slow_triggers[trigger] = true end
      end
      return
    end
    clock.host.sleep(PAUSE_SECONDS)
    waited, left = waited + PAUSE_SECONDS, left - PAUSE_SECONDS
  end
end

--- Takes one line: the same way as if it had come from the stream, at the recorded time. What is
-- due by then ends before.
---@param line string
---@param settle fun() waits until the actions are through
---@return boolean? taken
---@return string? problem
function M.play(line, settle)
  local entry, problem = M.read(line)
  if not entry then return nil, problem end
  if entry.at then clock.advance(entry.at, settle) end
  if entry.census then
    core.census.cache:put(entry.census, entry.value, clock.now())
  elseif intake.take(entry.text) > 0 then
    settle()
  end
  return true
end

-- What the caller waits for, and how long until it looks whether the player still lives.
local PLAYED, LOOK_SECONDS = "ps2 replayed", 0.25

local function play_all(list, progress)
  for index, line in ipairs(list) do
    progress.at = index
    local taken, problem = M.play(line, M.wait_for_actions)
    if not taken then
      progress.problem = problem
      break
    end
    -- Others come in between.
    if index % 25 == 0 then nightjar.sleep(0) end
  end
  progress.is_done = true
end

-- Why a player is gone that has not come to the end of its lines.
local function reason_of_end(lost_before)
  core.set:notice()
  local lost = core.set.lost > lost_before and core.set.latest_lost or {}
  if not lost.trigger then return "it took longer than a script may; the log says where" end
  return ('condition %d of the trigger "%s" took longer than a script may; the log says where')
    :format(lost.condition, lost.trigger)
end

--- Replays lines of a recording. May wait. They are played in a task of their own: what takes too
-- long ends that task, and the line can still be told.
---@param list string[]
---@return table answer `taken`, and `problem` with `at`, the place in the list, if a line is none
-- or could not be played to its end
function M.replay(list)
  if not core.settings.offline then
    return { taken = 0, at = 1, problem = "this server uses the stream (setting offline)" }
  end
  local progress, lost = { at = 1 }, core.set.lost
  left = CALL_SECONDS
  local player = coroutine.create(play_all)
  local taken, code = nightjar.spawn(function()
    local ok, failure = coroutine.resume(player, list, progress)
    if not ok then progress.failure = failure end
    nightjar.event.notify(PLAYED)
  end)
  if not taken then error("ps2.replay: " .. code, 0) end
  while coroutine.status(player) ~= "dead" do nightjar.event.wait(PLAYED, LOOK_SECONDS) end
  if progress.failure then error(progress.failure, 0) end
  if not progress.is_done then progress.problem = reason_of_end(lost) end
  if not progress.problem then return { taken = #list } end
  return { taken = progress.at - 1, at = progress.at, problem = progress.problem }
end

nightjar.provide("ps2.record", M.piece)
nightjar.provide("ps2.replay", M.replay)

return M
