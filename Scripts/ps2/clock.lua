--- The scripts' time: the server's, or that of a recording that is being replayed. What waits by
-- this clock is ended by the replay when the recording has come so far, in the order in which it
-- is due, before the next line is given.

local nightjar = require "nightjar"
local limits = require "limits"

local M = {}

--- What waits for real. A spec has its own.
M.host = {
  wait = nightjar.event.wait, notify = nightjar.event.notify, sleep = nightjar.sleep,
  spawn = nightjar.spawn, every = nightjar.timer.every,
}

-- How long a wait sleeps until it looks whether it is over: nobody can miss its end, but a
-- generation that is gone must not wait for ever. Seconds.
local LOOK_SECONDS = 60

local replayed

---@class ps2.ClockWait
---@field name string that it is woken by
---@field task thread
---@field due? number milliseconds; nil: no limit
---@field is_over? boolean
---@field value? any
---@field code? string

---@type ps2.ClockWait[]
local parked = {}
local waits = 0 -- how many slept

-- In the order in which they were declared.
---@type {name: string, every: integer, fn: fun(), due?: number, run?: thread}[]
local timers = {}

--- Milliseconds since 1970, UTC.
---@return integer
function M.now() return replayed or nightjar.now() end

--- Whether a recording gives the time.
---@return boolean
function M.is_replayed() return replayed ~= nil end

local function finish(index, value, code)
  local wait = table.remove(parked, index)
  wait.is_over, wait.value, wait.code = true, value, code
  M.host.notify(wait.name)
end

--- Waits until `notify` is called with the name, or the time is over. Nobody else waits for it.
---@async
---@param name string
---@param seconds? number
---@param whole? number see `triggers.Host`
---@return any value
---@return string? code "timeout"; "over" if the whole time is over
function M.wait(name, seconds, whole)
  if not replayed then return M.host.wait(name, seconds) end
  local limit = whole or seconds
  local wait = {
    name = name, task = coroutine.running(),
    due = limit and limit < math.huge and replayed + limit * 1000 or nil,
  }
  parked[#parked + 1] = wait
  local _, code
  repeat _, code = M.host.wait(name, LOOK_SECONDS) until wait.is_over or code ~= "timeout"
  if wait.is_over then return wait.value, wait.code end
  -- Another generation has woken it.
  for index, one in ipairs(parked) do
    if one == wait then table.remove(parked, index) end
  end
  return nil
end

--- Wakes who waits for the name.
---@param name string
---@param value? any
function M.notify(name, value)
  for index = #parked, 1, -1 do
    if parked[index].name == name then return finish(index, value) end
  end
  M.host.notify(name, value)
end

--- Waits for some time.
---@async
---@param seconds number
function M.sleep(seconds)
  if not replayed or seconds <= 0 then return M.host.sleep(seconds) end
  waits = waits + 1
  M.wait(("ps2 sleep %d.%d"):format(nightjar.generation, waits), seconds)
end

--- Calls a function again and again. While the files load.
---@param name string
---@param seconds number 0.001 or more
---@param fn fun() may wait; a turn is left out while the one before still does
function M.every(name, seconds, fn)
  M.host.every(name, seconds, function() if not replayed then fn() end end)
  local place = #timers + 1
  for index, timer in ipairs(timers) do
    if timer.name == name then place = index end
  end
  timers[place] = { name = name, every = math.max(1, math.floor(seconds * 1000)), fn = fn }
end

-- Replaying ----------------------------------------------------------------------------------

local function is_running(timer) return timer.run and coroutine.status(timer.run) ~= "dead" end

local function turn(timer)
  if is_running(timer) then return end
  -- A coroutine of its own: by that it is seen whether it still lives.
  local run = coroutine.create(timer.fn)
  timer.run = run
  local taken = M.host.spawn(function()
    local ok, failure = coroutine.resume(run)
    while ok and coroutine.status(run) == "suspended" do
      coroutine.yield()
      ok, failure = coroutine.resume(run)
    end
    if not ok then error(failure, 0) end
  end)
  if not taken then timer.run = nil end
end

--- Who works at the moment and does not wait by this clock: timers, and those of `tasks`.
---@param tasks table<thread, any>
---@return thread[]
function M.busy(tasks)
  local waiting, list = {}, {}
  for _, wait in ipairs(parked) do waiting[wait.task] = true end
  for task in pairs(tasks) do
    if not waiting[task] then list[#list + 1] = task end
  end
  for _, timer in ipairs(timers) do
    if is_running(timer) and not waiting[timer.run] then list[#list + 1] = timer.run end
  end
  return list
end

-- What is due first, up to a time: a place in `parked`, or a timer.
local function first_due(at)
  local due, index, timer = at, nil, nil
  for place, wait in ipairs(parked) do
    if wait.due and (wait.due < due or (wait.due == due and not index)) then
      due, index = wait.due, place
    end
  end
  for _, one in ipairs(timers) do
    if one.due and (one.due < due or (one.due == due and not index and not timer)) then
      due, index, timer = one.due, nil, one
    end
  end
  return due, index, timer
end

-- When timers are due; of a long gap only the last turns are made.
local function set_timers(at, is_new)
  for _, timer in ipairs(timers) do
    if is_new or not timer.due then
      timer.due = at + timer.every
    elseif timer.due <= at then
      local turns = (at - timer.due) // timer.every
      timer.due = timer.due + math.max(0, turns - limits.replay_turns + 1) * timer.every
    end
  end
end

--- The recording has come to a time: ends what is due before, each at its own time.
---@param at integer milliseconds
---@param settle fun() waits until those who were woken have worked
function M.advance(at, settle)
  if not replayed or at < replayed then
    -- The first line; or the file was put together, and the time begins anew.
    replayed = at
    return set_timers(at, true)
  end
  if at == replayed then return end
  set_timers(at)
  for _ = 1, limits.replay_steps do
    local due, index, timer = first_due(at)
    if not index and not timer then break end
    replayed = math.max(replayed, math.floor(due))
    if index then
      finish(index, nil, "over")
    else
      timer.due = timer.due + timer.every
      turn(timer)
    end
    settle()
  end
  replayed = at
end

return M
