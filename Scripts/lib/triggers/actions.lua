--- Runs the actions of triggers that fired: each in a task of its own, so many at a time. The
-- others wait in one line; when it is full, the oldest is given up and counted.
--
-- The line is plain data in the package's state: what waits when the package is reloaded is run
-- by the new generation, by the action the trigger has then. What has begun ends where it began.

local limits = require "lib.triggers.limits"

local M = {}

-- A task that was asked for and has not begun after this long was lost with the handler that
-- asked for it.
local BEGIN_MS = 1000

---@class triggers.Line plain data
---@field first integer
---@field last integer
---@field bytes integer
---@field items table<integer, {key: string, text?: string, event?: table, at: integer}>

---@class triggers.Actions
---@field host triggers.Host
---@field reports triggers.Reports
---@field line triggers.Line
--- what came in this generation
---@field ready table<integer, {trigger: triggers.Trigger, event: table}>
---@field running table<thread, triggers.Trigger> actions that have begun, by their coroutine
---@field count integer how many
---@field asked integer tasks that have not begun
---@field asked_at integer
---@field refused integer
---@field find fun(key: string): triggers.Trigger?
---@field read fun(text: string): table?
---@field warn fun(message: string, fields: table)

---@return triggers.Line
function M.new_line() return { first = 1, last = 0, bytes = 0, items = {} } end

---@param options {host: triggers.Host, find: function, read: function, warn: function}
---@return triggers.Actions
function M.new(options)
  return {
    host = options.host, find = options.find, read = options.read, warn = options.warn,
      line = M.new_line(),
    ready = {}, running = {}, count = 0, asked = 0, asked_at = 0, refused = 0,
  }
end

---@param actions triggers.Actions
---@return integer
function M.waiting(actions) return actions.line.last - actions.line.first + 1 end

-- Takes the oldest out of the line.
local function take(actions)
  local line = actions.line
  if line.first > line.last then return nil end
  local index = line.first
  local item, ready = line.items[index], actions.ready[index]
  line.items[index], actions.ready[index] = nil, nil
  line.first = index + 1
  line.bytes = line.bytes - #(item.text or "")
  if line.first > line.last then line.first, line.last = 1, 0 end
  local trigger = ready and ready.trigger or actions.find(item.key)
  return trigger, ready and ready.event, item
end

local function give_up_oldest(actions)
  local trigger, _, item = take(actions)
  actions.refused = actions.refused + 1
  if trigger then trigger.record.refused = trigger.record.refused + 1 end
  actions.warn("an action was given up: too many wait", {
    trigger = item.key, waited_ms = actions.host.now() - item.at, limit = limits.waiting,
  })
end

local function finished(actions, trigger, began, ok, failure)
  local record = trigger.record
  local took = math.max(0, actions.host.now() - began)
  record.finished = record.finished + 1
  record.action_ms = record.action_ms + took
  if took > record.longest_ms then record.longest_ms = took end
  if ok then return end
  record.errors = record.errors + 1
  actions.warn("an action failed", { trigger = trigger.key, error = tostring(failure) })
end

--- Gives back the places of actions that were ended from outside (they took too long): such a one
-- tells nobody.
---@param actions triggers.Actions
function M.sweep(actions)
  for action, trigger in pairs(actions.running) do
    if coroutine.status(action) == "dead" then
      actions.running[action] = nil
      actions.count = actions.count - 1
      trigger.record.errors = trigger.record.errors + 1
    end
  end
end

-- Runs an action in a coroutine of its own: by that it is seen whether it still lives.
local function run(actions, trigger, event)
  local action = coroutine.create(rawget(trigger, "action"))
  actions.running[action] = trigger
  actions.count = actions.count + 1
  local ok, failure = coroutine.resume(action, event)
  while ok and coroutine.status(action) == "suspended" do
    if not actions.host.go_on then
      ok, failure = false, "an action must not yield; nightjar.sleep and the like wait"
      coroutine.close(action)
      break
    end
    actions.host.go_on()
    ok, failure = coroutine.resume(action)
  end
  actions.running[action] = nil
  actions.count = actions.count - 1
  return ok, failure
end

-- What a task does: the oldest in the line.
local function begin(actions)
  if actions.asked > 0 then actions.asked = actions.asked - 1 end
  actions.asked_at = actions.host.now()
  -- After a reload what still waits is the new generation's.
  if not actions.host.alive() then return end
  local trigger, event, item = take(actions)
  if not item then return end
  event = event or item.event or (item.text and actions.read(item.text))
  if not trigger or not rawget(trigger, "action") or not event then
    actions.refused = actions.refused + 1
    actions.warn("an action that waited has no trigger any more", { trigger = item.key })
    M.pump(actions)
    return
  end
  local record, began = trigger.record, actions.host.now()
  record.started = record.started + 1
  record.last_run, trigger.last_run = began, began
  finished(actions, trigger, began, run(actions, trigger, event))
  M.pump(actions)
end

--- Asks for as many tasks as may run. Called whenever something has come or ended, and from time
-- to time, because a task that was asked for may have got lost.
---@param actions triggers.Actions
function M.pump(actions)
  local waiting = M.waiting(actions)
  if waiting == 0 then return end
  if actions.asked > 0 and actions.host.now() - actions.asked_at > BEGIN_MS then actions.asked =
    0 end
  if actions.count >= limits.running then M.sweep(actions) end
  while actions.asked < waiting and actions.asked + actions.count < limits.running do
    if not actions.host.spawn(begin, actions) then return end
    if actions.asked == 0 then actions.asked_at = actions.host.now() end
    actions.asked = actions.asked + 1
  end
end

-- Only the plain part of an event that has no text.
local function plain(event)
  local copy = {}
  for key, value in pairs(event) do
    local kind = type(value)
    if kind == "string" or kind == "number" or kind == "boolean" then copy[key] = value end
  end
  return copy
end

--- A trigger has fired: its action runs as soon as it is its turn.
---@param actions triggers.Actions
---@param trigger triggers.Trigger
---@param event table
---@param text? string
---@param now integer
function M.offer(actions, trigger, event, text, now)
  local line = actions.line
  while M.waiting(actions) >= limits.waiting
    or (line.bytes + #(text or "") > limits.waiting_bytes and M.waiting(actions) > 0) do
    give_up_oldest(actions)
  end
  local index = line.last + 1
  line.last = index
  line.bytes = line.bytes + #(text or "")
  line.items[index] = { key = trigger.key, text = text, event = not text and plain(event) or nil,
    at = now }
  actions.ready[index] = { trigger = trigger, event = event }
  M.pump(actions)
end

return M
