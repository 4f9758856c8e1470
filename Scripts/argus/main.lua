--- Argus: what happens in a run of Hades II, on the stream. The game sends the state of the run,
-- viewers see it in Twitch's extension or in an overlay. docs/argus.md tells how.
--
--   routes.lua     which address is answered by what
--   intake.lua     what comes from the game         broadcast.lua  what goes to Twitch, and when
--   payload.lua    how it is read                   views.lua      what goes to overlays, and when
--   traits.lua     which trait is what: the list to edit after a patch of the game
--   runs.lua       the last states                  saved.lua      through a restart
--   core.lua       how the parts are put together

local nightjar = require "nightjar"
local core = require "core"
local in_use = require "in_use"
local kept = require "lib.kept"
local limits = require "limits"
local maps = require "maps"
local recorder = require "recorder"
local stats = require "stats"
local ticker = require "lib.ticker"
require "commands"
require "routes"

in_use.lists = require "traits"
maps.load()

---@type nightjar.Package
local M = {}

M.listener = "argus"
M.workers = "one" -- one order of all states, one bucket for each channel
-- Thousands of states with what they come to are some 50 MiB. Reading a mapping takes some 20 ms,
-- the longest game state 50 ms, on a busy machine twice that.
M.limits = { memory_mb = 256, slice_ms = 200 }

local looking = ticker.start("tick", {
  often = limits.tick_seconds, seldom = limits.idle_tick_seconds,
}, function()
  core.broadcast:tick()
  core.views:tick()
  return core.broadcast:has_waiting() or core.views:has_sockets()
end)
function core.wake() looking:wake() end

nightjar.timer.every("save", limits.save_seconds, function() core.saved:write() end)
nightjar.timer.every("sweep", 60, core.sweep)
nightjar.timer.every("metrics", 1, stats.publish)

--- What was kept is taken over, and overlays that are open are drawn anew: with another mapping, or
-- other scripts, the same run may look different.
function M.on_reload()
  maps.accept(nil, nil, nil, function(problem, is_start)
    local used = is_start and "the one that comes along is used" or "the one before stays in use"
    local words = "ui_mappings.json of the data folder is broken; " .. used
    nightjar.log.error(words, { problem = problem })
  end)
  kept.restore()
  core.forget_known()
  recorder.resume()
  core.views:redraw()
end

function M.on_ready()
  core.recall()
  -- Somebody has saved a script meanwhile: the version that runs now has not seen them.
  if kept.is_stale() then nightjar.call "argus.recall" end
end

function M.on_stop() core.save() end

return M
