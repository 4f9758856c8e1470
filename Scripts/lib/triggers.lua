--- Triggers: what is to happen when an event comes that fits. For any source of events; the package
-- that has the source says how its events are read.
--
--     local triggers = require "lib.triggers"
--     local set = triggers.new { name = "door", events = {
--       name = "kind",
--       kinds = { opened = { room = "integer", by = "string", at_night = "boolean" } },
--     } }
--     set:add {
--       name = "night watch", events = { "opened" }, where = { at_night = true, room = { 3, 4 } },
--       action = function(event) print(event.by .. " is in room " .. event.room) end,
--     }
--     set:dispatch('{"kind":"opened","room":"3","by":"Kim","at_night":"1"}')
--
-- docs/triggers.md teaches it.

local nightjar = require "nightjar"
local actions = require "lib.triggers.actions"
local attempts = require "lib.triggers.attempts"
local breaker = require "lib.triggers.breaker"
local evaluate = require "lib.triggers.evaluate"
local explain = require "lib.triggers.explain"
local hosts = require "lib.triggers.host"
local index = require "lib.triggers.index"
local limits = require "lib.triggers.limits"
local lines = require "lib.triggers.lines"
local losses = require "lib.triggers.losses"
local nearest = require "lib.nearest"
local reader = require "lib.triggers.reader"
local records = require "lib.triggers.records"
local registry = require "lib.triggers.registry"
local reports = require "lib.triggers.reports"
local resume = require "lib.triggers.resume"
local schemas = require "lib.triggers.schema"
local waits = require "lib.triggers.waits"
local words = require "lib.triggers.words"

local M = { limits = limits }

local type, run, find = type, evaluate.run, index.find

---@class triggers.Options
---@field name string for the log, and what is kept in `nightjar.state` begins with it
---@field events? triggers.Events how an event is read
---@field on_add? fun(trigger: triggers.Trigger) a trigger was registered
--- a trigger is registered no more, for whatever reason
---@field on_remove? fun(trigger: triggers.Trigger)
--- an event's test was ended in the middle of a condition; called within a second
---@field on_lost? fun(event: table, lost: triggers.Lost)
---@field now? fun(): integer milliseconds since 1970; default `nightjar.now`
--- default `nightjar.state`; false: nothing survives a reload
--- after so many events the clock is read for the kept events' times; default 64, and every second
---@field time_every? integer
---@field state? {get: function, set: function}|false

---@class triggers.Set
---@field name string
---@field schema triggers.Schema
---@field host triggers.Host
---@field seen integer events that concerned some trigger, up to the last look at the clock
---@field left integer events until the next look
---@field time integer the clock's time then
---@field tests integer of all triggers that are registered
---@field unread integer texts that were no event that can be read
---@field lost integer events whose test was ended from outside, in the middle of a condition
--- what took too long when the latest of these came
---@field latest_lost? triggers.Lost
--- with conditions that are not asked, see `breaker.lua`
---@field cut_off table<triggers.Trigger, true>
---@field marks table[] conditions that are being asked, see `evaluate.lua`
---@field depth integer how many
--- of the file that is being loaded: its triggers begin anew when it changes
---@field version? fun(): string?
local Set = {}
Set.__index = Set

---@class (exact) triggers.Lost
---@field trigger? string whose condition was being asked
---@field condition? integer

local OPTIONS = {
  "name", "events", "on_add", "on_remove", "on_lost", "now", "clock", "spawn", "wait", "notify",
  "every", "time_every", "state", "warn", "alive", "go_on", "enter", "isolate",
}

--- A set of triggers over one source of events. While the files load: it starts a timer.
---@param options triggers.Options
---@return triggers.Set
function M.new(options)
  for key in pairs(options) do
    local known = false
    for _, name in ipairs(OPTIONS) do known = known or key == name end
    if not known then
      error(("triggers.new has no %s%s"):format(words.show(key), nearest.hint(tostring(key),
        OPTIONS)), 2)
    end
  end
  if type(options.name) ~= "string" then error("triggers.new: name: a text expected", 2) end
  local ok, schema = pcall(schemas.read, options.events)
  if not ok then error("triggers.new: " .. tostring(schema), 2) end
  local host = hosts.new(options, options.name)
  local every = options.time_every or limits.sample
  local set = setmetatable({
    name = options.name, schema = schema, host = host, read_text = reader.new(schema),
    buckets = {}, order = {}, by_name = {}, by_key = {}, places = {}, unread = 0, waits = 0,
    tests = 0,
    -- The first event reads the clock, then one in `time_every`.
    time = 0, time_every = every, left = 1, seen = 1 - every,
    trace_bytes = limits.trace_bytes, event_name = schema.name,
    reports = reports.new(host.warn, host.now), store = records.new(),
    marks = {}, depth = 0, lost = 0, enter = host.enter,
    on_add = options.on_add, on_remove = options.on_remove, on_lost = options.on_lost,
    cut_off = {}, looked_at = { names = {}, count = 0 },
    slips = {},
  }, Set)
  set.actions = actions.new {
    host = host,
    find = function(key) return set.by_key[key] end,
    read = function(text) return (set:read(text)) end,
    warn = function(message, fields) set:warn(message, fields) end,
  }
  if host.every then
    host.every("triggers " .. options.name, 1, function()
      set.time = host.now()
      set:notice()
      breaker.sweep(set, set.time)
      waits.tell_former(set)
      registry.tell_slips(set)
      actions.sweep(set.actions)
      actions.pump(set.actions)
    end)
  end
  return set
end

---@private
function Set:warn(message, fields)
  fields.set = self.name
  reports.warn(self.reports, message, fields)
end

--- Registers a trigger. A definition that says something wrong is an error with the line of the
-- caller, and so is a name that exists.
---@param trigger table what docs/triggers.md describes, or a trigger that was removed
---@param level? integer whose line an error names: 1 the caller (default), 2 the caller's caller
---@return triggers.Trigger
function Set:add(trigger, level)
  local added = registry.add(self, trigger, (level or 1) + 1)
  return added
end

--- Takes a trigger out, by its name or itself. What its action has begun goes on.
---@param trigger triggers.Trigger|string
function Set:remove(trigger)
  if type(trigger) == "string" then
    local named = self.by_name[trigger]
    if not named then
      local names = words.keys(self.by_name)
      error(('No trigger with name "%s"%s'):format(trigger, #names > 0 and nearest.hint(trigger,
        names) or ""), 2)
    end
    trigger = named
  end
  if type(trigger) ~= "table" or not trigger.registered or self.by_key[trigger.key] ~= trigger then
    error("This trigger is not registered", 2)
  end
  registry.remove(self, trigger)
end

--- The trigger of a name; nil if there is none.
---@param name string
---@return triggers.Trigger?
function Set:get(name) return self.by_name[name] end

--- All triggers, in the order of their registration.
---@return triggers.Trigger[]
function Set:list() return table.move(self.order, 1, #self.order, 1, {}) end

--- The event in a text. Nothing is tested or counted.
---@param text string
---@param may_be_bare? boolean what all messages have in common (`envelope`, `within`) may be
--- missing; the event's `raw` has it then
---@return table? event
---@return string? code with nil: `invalid_json`, `no_event`, `invalid_event`
---@return string? detail
function Set:read(text, may_be_bare)
  local event, code, detail = self.read_text(text)
  if code == "no_match" then
    local why, whole = reader.why(self.schema, text)
    detail = why or detail
    if whole and may_be_bare then
      text = whole
      event, code, detail = self.read_text(whole)
    end
  end
  if code == "invalid_value" then event = reader.wide(self.schema, self.read_text, text) end
  if event then return event end
  return nil, reader.code(code), detail
end

---@private
function Set:unreadable(code, detail)
  self.unread = self.unread + 1
  code = reader.code(code)
  if code == "invalid_event" then self:warn("an event was skipped", { reason = detail }) end
  return nil, code, detail
end

--- Gives an event to the triggers: text as it came, or a table. All that fit fire, in the order of
-- their registration; their actions run later, each in a task of its own.
---@param message string|table
---@return table? event nil if the text was no event
---@return integer|string fired how many triggers fired; with nil: the code, see `read`
---@return string? detail
function Set:dispatch(message)
  local event, text, is_wide = message, nil, nil
  if type(message) == "string" then
    local code, detail
    event, code, detail = self.read_text(message)
    if not event then
      is_wide = code == "invalid_value"
      event = is_wide and reader.wide(self.schema, self.read_text, message)
      if not event then return self:unreadable(code, detail) end
    end
    text = message
  elseif not message.raw then
    local code, detail
    event, code, detail, is_wide = reader.typed(self.schema, message)
    if not event then return self:unreadable(code, detail) end
  end
  local bucket = self.buckets[event[self.event_name]]
  if not bucket then return event, 0 end
  local list = bucket.list
  if bucket.dirty or bucket.by_value then list = find(bucket, event) end
  text = text or reader.text(self.schema, event)
  -- A test of order cannot be made with a text.
  if is_wide then return event, evaluate.run_alone(self, list, event, text) end
  return event, run(self, list, event, text)
end

-- Reads the clock. The hot path does it once for many events: on the way of a single one a call of
-- the host would be felt.
---@private
function Set:tick()
  self.time = self.host.now()
  self.seen = self.seen + self.time_every
  self.left = self.time_every
end

---@private
function Set:condition_raised(trigger, condition, number, failure)
  trigger.record.raised = trigger.record.raised + 1
  local told = trigger.told or { count = 0 }
  trigger.told = told
  if told[condition] or told.count >= limits.tests then return end
  told[condition], told.count = true, told.count + 1
  self:warn("a condition failed; it counts as no", {
    trigger = trigger.key, condition = number, error = evaluate.words(failure),
  })
end

--- Counts what was ended from outside while it asked a condition: nobody can say so at that moment.
-- Once a second; a package that wants to know it at once may call it, but not in a condition.
---@return triggers.Lost[] lost one for each event
function Set:notice()
  return losses.notice(self)
end

-- What happens when all tests have passed. How many triggers have fired: 1, or 0.
---@private
function Set:fire(trigger, event, text, trace)
  -- One that an earlier trigger of this event has removed fires no more.
  if not trigger.registered then return 0 end
  local record, traces, now = trigger.record, trigger.traces, self.host.now()
  record.matched = record.matched + 1
  traces.fired_text, traces.fired_at = trace, now
  if trigger.single_shot and trigger.passing then
    registry.remove(self, trigger)
  elseif trigger.single_shot then
    record.done = true
    registry.take_out(self, trigger)
  end
  if trigger.on_fire then
    trigger.on_fire(event)
  elseif rawget(trigger, "action") then
    actions.offer(self.actions, trigger, event, text, now)
  else
    record.last_run, trigger.last_run = now, now
    self:warn("a trigger without an action has fired", { trigger = trigger.key })
  end
  return 1
end

--- Registers triggers until the first of them fires, and gives its event. The action of the
-- definitions, if any, is not called. Waits.
---@async
---@param ... table|number definitions; at the end seconds, if there is a limit
---@return table? event
---@return string? code with nil: `timeout`, or `reloaded`: the package was loaded anew
---@return string? detail
function Set:wait_for(...) return waits.wait_for(self, ...) end

--- Which tests a trigger makes with an event, each with its outcome.
---@param trigger string|triggers.Trigger
---@param message string|table an event, or its text, in which what all messages have in common
--- (`envelope`, `within`) may be missing
---@param level? integer whose line an error names: 1 the caller (default), 2 the caller's caller
---@return triggers.Explanation? explanation
---@return string? code with nil: `no_trigger`, or what `read` says
---@return string? detail
function Set:explain(trigger, message, level)
  if type(message) ~= "table" and type(message) ~= "string" then
    error("explain: an event, or its text, expected, got " .. words.show(message), (level or 1) + 1)
  end
  local found, unknown, why = attempts.trigger(self, trigger)
  if not found then return nil, unknown, why end
  local event, code, detail = attempts.event(self, message)
  if not event then return nil, code, detail end
  return explain.explain(found, event, tostring(event[self.schema.name]))
end

--- The same for one trigger or all of them, whose conditions may take too long: they are asked in
-- tasks of their own. Waits.
---@async
---@param trigger triggers.Trigger|string|nil nil: all
---@param message string|table
---@return triggers.Explanation[]? explanations
---@return string? code with nil: as `explain`
---@return string? detail
function Set:try(trigger, message)
  local list = self:list()
  if trigger ~= nil then
    local found, code, detail = attempts.trigger(self, trigger)
    if not found then return nil, code, detail end
    list = { found }
  end
  local event, code, detail = attempts.event(self, message)
  if not event then return nil, code, detail end
  return attempts.all(self, list, event)
end

--- Counters and kept events of one trigger or of all, as plain data.
---@param name? string
---@return table? report
---@return string? code with nil: `no_trigger`
function Set:report(name)
  if name then
    local trigger = self.by_name[name] or self.by_key[name]
    if not trigger then return nil, "no_trigger" end
    return records.report(trigger)
  end
  local report = self:counts()
  report.name, report.triggers = self.name, {}
  for i, trigger in ipairs(self.order) do report.triggers[i] = records.report(trigger) end
  return report
end

--- What all triggers have in common, without going through them.
---@return table
function Set:counts()
  return {
    triggers = #self.order, events = self.seen + self.time_every - self.left,
    unread = self.unread, lost = self.lost,
    actions = {
      running = self.actions.count, waiting = actions.waiting(self.actions),
      refused = self.actions.refused,
    },
  }
end

--- Makes `nightjar triggers --package NAME` show this set. While the files load, for one set of a
-- package.
---@param name? string the package's name; default: of the one that calls
---@param options? triggers.LinesOptions
function Set:provide(name, options)
  nightjar.provide((name or nightjar.package) .. ".triggers", function(question)
    return lines.answer(self, question, options)
  end)
end

--- Takes over what the former generation counted and kept, and says what is different. For the
-- package's `M.on_reload`, which runs before the first generation as well.
---@return triggers.Difference
function Set:resume()
  waits.resume(self)
  return resume.resume(self)
end

return M
