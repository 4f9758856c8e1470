-- The rules of the books, without a store.

local rules = require "rules"
local equal = require("lib.testing").equal

local T = {}

local SETTINGS = { players = { kim = { token = "t", balance = 100, currency = "CRE" } }, opening_balance = 7 }

-- Books in a table, and calls to them.
local function stand()
  local players, entries = {}, {}
  local function call(name, request)
    request.player, request.currency = request.player or "kim", request.currency or "CRE"
    request.id = request.id or name
    assert(rules.problem(name, request) == nil, rules.problem(name, request))
    local outcome = rules.decide(name, request, {
      player = players[request.player], entry = entries[request.id], debit = entries[request.debit or ""],
    }, SETTINGS)
    if outcome.refused then return outcome.refused end
    if outcome.is_changed then
      players[outcome.player_id] = outcome.player
      if outcome.entry then entries[outcome.entry_id] = outcome.entry end
    end
    return outcome.player.balance, outcome.undone
  end
  equal(call("authenticate", { token = "t" }), 100)
  return call, players
end

function T.a_debit_counts_once_however_often_it_comes()
  local call = stand()
  equal(call("debit", { id = "1", amount = 30 }), 70)
  equal(call("debit", { id = "1", amount = 30 }), 70)
  equal(call("debit", { id = "1", amount = 31 }), "id_conflict")
  equal(call("debit", { id = "2", amount = 71 }), "insufficient_funds")
  equal(call("debit", { id = "2", amount = 70 }), 0)
end

function T.a_credit_counts_once_and_ids_are_shared()
  local call = stand()
  equal(call("credit", { id = "1", amount = 5 }), 105)
  equal(call("credit", { id = "1", amount = 5 }), 105)
  equal(call("debit", { id = "1", amount = 5 }), "id_conflict")
end

function T.a_rollback_undoes_a_debit_once()
  local call = stand()
  equal(call("debit", { id = "1", amount = 30 }), 70)
  local balance, undone = call("rollback", { debit = "1" })
  equal(balance, 100)
  equal(undone, true)
  balance, undone = call("rollback", { debit = "1" })
  equal(balance, 100)
  equal(undone, true)
  equal(call("debit", { id = "1", amount = 30 }), "rolled_back")
end

function T.a_debit_that_comes_after_its_rollback_is_refused()
  local call = stand()
  local balance, undone = call("rollback", { debit = "1" })
  equal(balance, 100)
  equal(undone, false)
  equal(call("debit", { id = "1", amount = 30 }), "rolled_back")
  equal(call("balance", {}), 100)
end

function T.only_debits_of_the_same_player_are_rolled_back()
  local call = stand()
  equal(call("authenticate", { player = "lee", token = "x" }), 7)
  equal(call("credit", { id = "c", amount = 5 }), 105)
  equal(call("debit", { id = "d", amount = 5 }), 100)
  equal(call("rollback", { debit = "c" }), "id_conflict")
  equal(call("rollback", { debit = "d", player = "lee" }), "id_conflict")
  equal(call("balance", {}), 100)
end

function T.tokens_are_of_one_player()
  local call = stand()
  equal(call("authenticate", { token = "u" }), "auth_failed")
  equal(call("authenticate", { token = "" }), "auth_failed")
  equal(call("authenticate", { player = "lee", token = "x" }), 7)
  equal(call("authenticate", { player = "lee", token = "y" }), "auth_failed")
end

function T.who_is_blocked_cannot_stake_but_is_paid()
  local call, players = stand()
  players.kim.blocked = true
  equal(call("debit", { id = "1", amount = 1 }), "blocked")
  equal(call("credit", { id = "2", amount = 1 }), 101)
end

function T.strangers_and_other_currencies_are_refused()
  local call = stand()
  equal(call("balance", { player = "nobody" }), "unknown_player")
  equal(call("debit", { currency = "USD", amount = 1 }), "wrong_currency")
end

function T.calls_that_are_none_are_named()
  for _, case in ipairs {
    { "debit", {}, "\"id\"" },
    { "debit", { id = ("x"):rep(65), player = "kim", currency = "CRE", amount = 1 }, "\"id\"" },
    { "debit", { id = "1", currency = "CRE", amount = 1 }, "\"player\"" },
    { "debit", { id = "1", player = "kim", amount = 1 }, "\"currency\"" },
    { "debit", { id = "1", player = "kim", currency = "CRE" }, "\"amount\"" },
    { "debit", { id = "1", player = "kim", currency = "CRE", amount = 0 }, "\"amount\"" },
    { "credit", { id = "1", player = "kim", currency = "CRE", amount = 1.0 }, "\"amount\"" },
    { "rollback", { id = "1", player = "kim", currency = "CRE" }, "\"debit\"" },
    { "authenticate", { id = "1", player = "kim", currency = "CRE" }, "\"token\"" },
  } do
    local problem = rules.problem(case[1], case[2]) or "none"
    assert(problem:find(case[3], 1, true), problem)
  end
end

return T
