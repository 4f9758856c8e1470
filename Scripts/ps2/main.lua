--- PlanetSide 2: triggers on the game's event stream. A file in `triggers` says what is to happen
-- when an event comes that fits; it is live when it is saved. docs/ps2.md teaches it.
--
-- This file says what is where. Nothing is connected until a trigger is there.

local nightjar = require "nightjar"
local core = require "core"
local intake = require "intake"
local kept = require "lib.kept"
local limits = require "limits"
local scripts = require "scripts"
local stats = require "stats"
local recorder = require "recorder"
local ticker = require "lib.ticker"
require "page"

---@type nightjar.Package
local M = {}

M.listener = "ps2"
M.workers = "one" -- one connection, one order of events
-- What is remembered of the last seconds, of Census and for the page is some 30 MiB; a thousand
-- triggers with their kept events as much again.
M.limits = { memory_mb = 256, slice_ms = 50 }

core.stream.receiver = {
  opened = function(conn) core.connection:opened(conn) end,
  message = function(text, binary) intake.take(text, binary) end,
  closed = function(conn, code, reason) core.connection:closed(conn, code, reason) end,
  failed = function(failure, retry) core.connection:failed(failure, retry) end,
}

-- Number 0 is a check, which wants to hear of every mistake; so does a replay.
scripts.load(nightjar.generation > 0 and not core.settings.offline)

ticker.start("tick", {
  often = limits.tick_seconds, seldom = limits.idle_tick_seconds,
}, function()
  core.sync()
  core.connection:tick()
  return core.connection:is_wanted()
end)

nightjar.timer.every("metrics", 1, stats.publish)

local function named(list)
  local parts = {}
  for index, trigger in ipairs(list) do
    if index > 20 then
      parts[index] = "…"
      break
    end
    parts[index] = trigger.name or trigger.key
  end
  return table.concat(parts, ", ")
end

function M.on_reload()
  -- Something is kept already if a generation was here before.
  scripts.settle(next(nightjar.state.all()) ~= nil)
  kept.restore()
  recorder.resume()
  local difference = core.set:resume()
  -- As docs/ps2.md has it: what a script has closed opens with a trigger that is added.
  if #difference.added > 0 then core.connection:resume() end
  core.connection:adopt()
  core.triggers_changed()
  if #difference.added + #difference.removed > 0 then
    nightjar.log.info("the triggers have changed", {
      new_or_changed = named(difference.added), gone = named(difference.removed),
      as_before = #difference.kept,
    })
  end
  if #difference.ended > 0 then
    nightjar.log.warn("triggers that were added while scripts ran have ended with the save", {
      triggers = named(difference.ended),
    })
  end
end

return M
