--- What a set asks of the server, in one place, so that a spec can stand in for it.

local nightjar = require "nightjar"

local M = {}

---@class triggers.Host
---@field now fun(): integer milliseconds since 1970
---@field clock fun(): number seconds, for measuring
---@field spawn fun(fn: function, ...: any): boolean?
--- `whole`: how long the caller waits in all, looking in between whether it still may. A clock that
--- is not the server's may wait for that at once, and says `over`.
---@field wait fun(name: string, timeout?: number, whole?: number): any, string?
---@field notify fun(name: string)
---@field every? fun(name: string, seconds: number, fn: fun())
---@field state? {get: function, set: function} false: nothing survives a reload
---@field warn fun(message: string, fields: table)
---@field alive? fun(): boolean this generation is the one that runs
--- calls its first argument's `[1]` where nothing can wait, see `evaluate.lua`
---@field enter fun(gate: table): any
--- calls a function that may be ended from outside; false if it was. Waits
---@field isolate fun(fn: fun()): boolean
---@field go_on? fun() for specs: called when an action yields; nil: it must not

local KEYS = { "now", "clock", "spawn", "wait", "notify", "every", "state", "warn", "alive",
  "go_on", "enter", "isolate" }

-- How often somebody looks whether a task was ended, seconds. That it has come to its end it tells.
local LOOK_SECONDS = 0.1

local isolated = 0

-- A task has its own time to work in, and its end does not end who asked for it.
local function isolate(fn)
  isolated = isolated + 1
  local name, is_over = ("triggers task %d.%d"):format(nightjar.generation, isolated), false
  local inner = coroutine.create(fn)
  local ok, failure = true, nil
  local has_begun = nightjar.spawn(function()
    ok, failure = coroutine.resume(inner)
    is_over = true
    nightjar.event.notify(name)
  end)
  if not has_begun then
    fn()
    return true
  end
  repeat nightjar.event.wait(name, LOOK_SECONDS)
  until is_over or coroutine.status(inner) == "dead"
  if not ok then error(failure, 0) end
  return is_over
end

--- The server's own functions, but for what `given` has.
---@param given table
---@param name string of the set
---@return triggers.Host
function M.new(given, name)
  local host = {
    now = nightjar.now, clock = os.clock, spawn = nightjar.spawn,
    wait = function(event, timeout) return nightjar.event.wait(event, timeout) end,
    notify = nightjar.event.notify, state = nightjar.state, warn = nightjar.log.warn,
    enter = table.unpack, isolate = isolate,
    every = function(timer, seconds, fn) nightjar.timer.every(timer, seconds, fn) end,
  }
  for _, key in ipairs(KEYS) do
    if given[key] ~= nil then host[key] = given[key] end
  end
  if not host.alive then
    local state, key = host.state, name .. ".alive"
    -- A generation that was replaced is refused.
    host.alive = function() return not state or state.set(key, true) == true end
  end
  return host
end

return M
