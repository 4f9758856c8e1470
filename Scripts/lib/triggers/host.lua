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
---@field go_on? fun() for specs: called when an action yields; nil: it must not

local KEYS = { "now", "clock", "spawn", "wait", "notify", "every", "state", "warn", "alive",
  "go_on", "enter" }

--- The server's own functions, but for what `given` has.
---@param given table
---@param name string of the set
---@return triggers.Host
function M.new(given, name)
  local host = {
    now = nightjar.now, clock = os.clock, spawn = nightjar.spawn,
    wait = function(event, timeout) return nightjar.event.wait(event, timeout) end,
    notify = nightjar.event.notify, state = nightjar.state, warn = nightjar.log.warn,
    enter = table.unpack,
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
