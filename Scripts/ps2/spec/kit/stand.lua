--- What the specs share: the package without a stream and without Census; actions run when the spec
-- says so.

local clock = require "clock"
local core = require "core"
local recorder = require "recorder"

local M = {}

local tasks = {}

core.set.host.spawn = function(fn, ...)
  local arguments = { ... }
  tasks[#tasks + 1] = function() fn(table.unpack(arguments)) end
  return true
end
core.set.host.go_on = coroutine.yield
core.set.host.isolate = function(fn)
  fn()
  return true
end
-- A wait by the recording's clock stays open until that has come so far.
clock.host = {
  wait = function()
    coroutine.yield()
    return nil, "timeout"
  end,
  notify = function() end,
  sleep = function() error("a spec has no real time", 2) end,
  spawn = core.set.host.spawn, every = function() end,
}
core.set.host.warn = function(message, fields) M.warnings[#M.warnings + 1] = { message, fields } end
core.census.options.sleep = function() end
core.census.options.wait = function() end
core.census.options.notify = function() end
core.census.options.is_off = true

---@type {[1]: string, [2]: table}[]
M.warnings = {}

-- Those that wait by the recording's clock.
local open = {}

--- Runs the actions that triggers have begun.
function M.run()
  local all = open
  open = {}
  while #all + #tasks > 0 do
    local task = table.remove(all, 1) or coroutine.create(table.remove(tasks, 1))
    local ok, problem = coroutine.resume(task)
    assert(ok, problem)
    if coroutine.status(task) ~= "dead" then open[#open + 1] = task end
  end
  assert(#clock.busy(core.set.actions.running) == 0, "an action waits for something the spec does not have")
end

--- Plays lines of a recording.
---@param text string
function M.play(text)
  for line in text:gmatch("[^\n]+") do
    if not line:find('^{"nightjar_recording"') then assert(recorder.play(line, M.run)) end
  end
  M.run()
end

--- What the scripts printed.
---@return string[]
function M.printed()
  local lines = {}
  for index, one in ipairs(core.recent.kept.printed) do lines[index] = one.line end
  return lines
end

return M
