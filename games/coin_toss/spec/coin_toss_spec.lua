local engine = require "engine"
local testing = require "lib.testing"

local act, fixed = testing.act, testing.fixed
local SETTINGS = { min_bet = 1, max_bet = 100, max_pot = 1000 }

local function context(coin)
  return testing.context(SETTINGS, { random = fixed(coin) })
end

local T = {}

function T.a_right_call_wins_a_pot_of_twice_the_stake()
  local ctx = context("heads")
  local won = act(engine, engine.init(), "toss", { call = "heads", amount = 5 }, ctx)
  assert(won.name == "won" and won.data.pot == 10 and ctx:sum() == -5)
  assert(not engine.can_finish(won))
  local taking = context()
  local idle = act(engine, won, "take", {}, taking)
  assert(idle.name == "idle" and taking:sum() == 10)
end

function T.a_wrong_call_loses_the_stake()
  local ctx = context("tails")
  local lost = act(engine, engine.init(), "toss", { call = "heads", amount = 5 }, ctx)
  assert(lost.name == "idle" and ctx:sum() == -5 and engine.can_finish(lost))
end

function T.the_pot_can_be_doubled_up_to_its_limit()
  local won = act(engine, engine.init(), "toss", { call = "tails", amount = 100 }, context("tails"))
  won = act(engine, won, "double", { call = "tails" }, context("tails"))
  won = act(engine, won, "double", { call = "heads" }, context("heads"))
  assert(won.data.pot == 800 and #won.actions == 1 and won.actions[1] == "take")
end

function T.doubling_can_lose_the_pot()
  local won = act(engine, engine.init(), "toss", { call = "tails", amount = 1 }, context("tails"))
  local ctx = context("heads")
  local lost = act(engine, won, "double", { call = "tails" }, ctx)
  assert(lost.name == "idle" and lost.data.won == 0 and ctx:sum() == 0)
end

function T.bad_parameters_are_refused()
  for _, params in ipairs {
    { call = "edge", amount = 5 }, { call = "heads" }, { call = "heads", amount = 0 },
    { call = "heads", amount = 101 }, { call = "heads", amount = 1.5 },
  } do
    local after, code = act(engine, engine.init(), "toss", params, context("heads"))
    assert(after == nil and code == "bad_params")
  end
end

return T
