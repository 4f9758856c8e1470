--- What the specs share: the package without a stream and without Census; actions run when the spec
-- says so.

local core = require "core"
local recorder = require "recorder"

local M = {}

local tasks = {}

core.set.host.spawn = function(fn, ...)
  local arguments = { ... }
  tasks[#tasks + 1] = function() fn(table.unpack(arguments)) end
  return true
end
core.set.host.warn = function(message, fields) M.warnings[#M.warnings + 1] = { message, fields } end
core.census.options.sleep = function() end
core.census.options.wait = function() end
core.census.options.notify = function() end
core.census.options.is_off = true

---@type {[1]: string, [2]: table}[]
M.warnings = {}

--- Runs the actions that triggers have begun.
function M.run()
  while #tasks > 0 do
    local task = coroutine.create(table.remove(tasks, 1))
    local ok, problem = coroutine.resume(task)
    assert(ok, problem)
    assert(coroutine.status(task) == "dead", "an action waits for something the spec does not have")
  end
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
