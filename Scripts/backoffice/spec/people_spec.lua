-- Players whose sessions begin.

local nightjar = require "nightjar"
local equal = require("lib.testing").equal
local people = require "people"

local T = {}

-- In place of the store.
local values = {}

function nightjar.store.get(key) return values[key], values[key] and 1 end

function nightjar.store.set(key, value)
  values[key] = value
  return true
end

function nightjar.store.batch(changes)
  for _, change in ipairs(changes) do
    if change[1] == "set" then values[change[2]] = change[3] end
  end
  return true
end

--- The server ends its beginning in the middle, and nothing that it holds is released.
function T.whose_session_took_too_long_to_begin_gets_a_later_one()
  local get, wait, now = nightjar.store.get, nightjar.event.wait, nightjar.now
  local time, waits = now(), 0
  function nightjar.now() return time end
  function nightjar.event.wait()
    waits, time = waits + 1, time + 1000
    assert(waits <= 60, "it is waited for in vain")
  end
  nightjar.store.get = coroutine.yield
  assert(coroutine.resume(coroutine.create(people.begin), "demo", "night", { uid = "ann" }))
  nightjar.store.get = get
  local session, player = people.begin("demo", "night", { uid = "ann" })
  nightjar.event.wait, nightjar.now = wait, now
  equal({ session.player == player.id, player.uid, waits }, { true, "ann", 30 })
end

return T
