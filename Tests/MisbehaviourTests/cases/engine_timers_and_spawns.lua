-- An engine that sets timers, spawns, sleeps, stores, publishes and calls: it is pure, so none of that is there.
-- game
-- trigger: act timer => the game failed; nothing has happened
-- trigger: act spawn => the game failed; nothing has happened
-- trigger: act sleep => the game failed; nothing has happened
-- trigger: act store => the game failed; nothing has happened
-- trigger: act publish => the game failed; nothing has happened
-- trigger: act call => the game failed; nothing has happened
-- trigger: act clock => the game failed; nothing has happened
local nightjar = require "nightjar"
local M = { actions = {} }
local function idle() return { name = "idle", data = {}, actions = { "timer", "spawn", "sleep", "store", "publish", "call", "clock" } } end
function M.init() return idle() end
function M.actions.timer()
  for _ = 1, 20000 do nightjar.timer.every(0.001, function() end) end
  return idle()
end
function M.actions.spawn()
  local function f() nightjar.spawn(f) end
  f()
  return idle()
end
function M.actions.sleep() nightjar.sleep(0.01) return idle() end
function M.actions.store() nightjar.store.set("x", 1) return idle() end
function M.actions.publish() nightjar.publish("x", 1) return idle() end
function M.actions.call() nightjar.call("neighbour.echo", 1) return idle() end
function M.actions.clock() return { name = "idle", data = { t = os.time(), r = math.random() }, actions = {} } end
return M
