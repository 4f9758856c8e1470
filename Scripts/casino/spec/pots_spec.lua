-- What there is to be won, as it is told: without a store, and with the timer in the test's hands.

local nightjar = require "nightjar"
local equal = require("lib.testing").equal
local pots = require "pots"

local T = {}

local LEVEL = { id = "jp", min = 1000000, storage_multiplier = 1000 }
local SITE = { id = "demo", jackpots = { { denom = "CRE", levels = { LEVEL } } } }

--- Subscribes to the level; gives what lets the timer go off with a pot, and all that was told.
local function subscribed()
  local state, told, look, pot = {}, {}, nil, nil
  function nightjar.state.get(key, default) return state[key] or default end
  function nightjar.state.set(key, value) state[key] = value end
  function nightjar.timer.every(_, seconds, run)
    assert(seconds <= 1, "a change is seen before it may be told")
    look = run
  end
  function nightjar.casino.jackpots() return { pot } end
  function nightjar.casino.publish(topic, which, message, options)
    told[#told + 1] = { topic = topic, which = which, message = message, options = options }
  end
  pots.start(function(id) return id == "demo" and SITE or nil end)
  pots.watch("demo", "demo", LEVEL, nil)
  return function(value, version, commitment)
    pot = { id = "jp", value = value, version = version, commitment = commitment }
    look()
  end, told
end

function T.a_change_is_told_to_nobody_more_often_than_once_a_second()
  local look, told = subscribed()
  look(1234567, 1)
  equal(told, { {
    topic = "jackpot demo demo jp", which = "jackpot", options = { interval = 1 },
    message = {
      what = "value", id = "jp", value = 1234567, storage_multiplier = 1000, denom = "CRE",
      amount = 1234.567,
    },
  } })
end

function T.what_has_not_changed_is_not_told()
  local look, told = subscribed()
  look(1000000, 0)
  equal(#told, 0)
  look(1000040, 0)
  look(1000040, 0)
  equal(#told, 1)
  -- Won, and at the same value again.
  look(1000040, 1)
  equal(#told, 2)
end

function T.another_commitment_is_told_whatever_the_value()
  local look, told = subscribed()
  look(1000000, 0, "9f0c")
  look(1000000, 0, "9f0c")
  look(1000000, 0, "11aa")
  equal(#told, 2)
  equal(told[1].message.commitment, "9f0c")
  equal(told[2].message.commitment, "11aa")
end

function T.a_win_tells_what_was_committed_to_and_what_is_now()
  local _, told = subscribed()
  pots.won {
    platform = "demo", site = "demo", id = "jp", amount = 1234, secret = "5:ab", commitment = "11aa",
  }
  equal(told[1].message,
    { what = "won", id = "jp", amount = 1234, secret = "5:ab", commitment = "11aa" })
end

function T.a_win_is_told_at_once()
  local _, told = subscribed()
  pots.won { platform = "demo", site = "demo", id = "jp", amount = 1234 }
  equal(told[1].message, { what = "won", id = "jp", amount = 1234 })
  assert(told[1].options == nil, "and waits for no second to be over")
end

return T
