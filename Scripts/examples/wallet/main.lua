--- A small wallet, as an operator would have it: the players' money is here, and a casino asks for
-- it over HTTP. It is made to be tried, read and translated; docs/casino-wallets.md explains the
-- calls. Start it with
--
--     nightjar serve --packages Scripts/examples
--     nightjar wallet check http://127.0.0.1:8080/wallet/ --player kim --token kim-is-here
--
-- What a call does to the books is decided in rules.lua, without a store and without a clock.

local nightjar = require "nightjar"
local books = require "books"
local rules = require "rules"
local settings = require "settings"
local signature = require "signature"

---@type nightjar.Package
local M = {}

-- One worker, so that one list of who waits for which player is enough (books.lua).
M.workers = "one"

local json = nightjar.json

-- Bytes of a call. Those of the protocol have some hundred.
local BODY_BYTES_MAX = 16 * 1024

local function refuse(code, message)
  return { status = rules.STATUS[code], json = { error = code, message = message } }
end

-- The store has failed. Whether the call was done will show when it comes again.
local function unavailable(message)
  return { status = 503, json = { error = "unavailable", message = message } }
end

local function answer(name, request)
  local problem = signature.problem(
    settings.secret, name, request.body, request:header("nightjar-signature"), nightjar.now())
  if problem then return refuse("bad_signature", problem) end
  local call, _, detail = json.decode(request.body)
  if type(call) ~= "table" then return refuse("bad_request", detail or "an object is expected") end
  problem = rules.problem(name, call)
  if problem then return refuse("bad_request", problem) end
  return books.with_player(call.player, function()
    local found, failure = books.find(name, call)
    if not found then return unavailable(failure) end
    local outcome = rules.decide(name, call, found, settings)
    if outcome.refused then return refuse(outcome.refused, outcome.message) end
    local is_kept
    is_kept, failure = books.keep(outcome)
    if not is_kept then return unavailable(failure) end
    return { json = {
      id = call.id, player = call.player, currency = outcome.player.currency,
      balance = outcome.player.balance, undone = outcome.undone,
    } }
  end)
end

for _, name in ipairs(rules.CALLS) do
  nightjar.http.post("/wallet/" .. name, function(request)
    return answer(name, request)
  end, { max_body = BODY_BYTES_MAX })
end

return M
