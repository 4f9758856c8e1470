--- Tells the back office what the outbox holds: rounds, players, jackpots, ends of sessions. What
-- is not accepted stays there and is told again, after pauses that grow.

local nightjar = require "nightjar"
local client = require "backoffice.client"
local limits = require "backoffice.limits"
local pauses = require "backoffice.pauses"
local players = require "backoffice.players"

local json, outbox = nightjar.json, nightjar.outbox

local M = {}

-- In this order, so that a session ends after its rounds.
local TOPICS = { "rounds", "players", "jackpots", "sessions" }

-- While the back office is away nothing is sent until this time; failures in a row.
local quiet_until, failures = 0, 0
-- Turns by number, for the names of their events.
local turns = 0

-- What the games declare to return, by game: `delivery.declare`.
local declared = {}

--- Says what a game declares to return, so that the back office can compare.
---@param game string
---@param value number|number[]|nil
function M.declare(game, value) declared[game] = value end

-- What the back office is told of each topic: method, path, body, from what lies in the outbox.
local requests = {
  rounds = function(report)
    -- By these we know the player; the back office has ids of its own, if it has any.
    if report.player_id then report.platform, report.uid = nil, nil end
    report.declared_return = declared[report.game]
    return "POST", "rounds", report
  end,
  players = function(report)
    local path = "players/" .. client.escaped(report.player_id)
    report.platform, report.uid, report.player_id = nil, nil, nil
    return "POST", path, report
  end,
  jackpots = function(report) return "POST", "jackpots", report end,
  sessions = function(report)
    return "DELETE", "sessions/" .. client.escaped(report.session_id)
  end,
}

-- By which id of a report the back office must know the player; a jackpot is nobody's.
local ID = { rounds = "session_id", players = "player_id", sessions = "session_id" }

-- Of what a back office need not know: an end of a session that it has forgotten, a jackpot if it
-- keeps none.
local MAY_BE_UNKNOWN = { sessions = true, jackpots = true }

-- Sends a report; `unknown` is the id that the back office does not know any more.
local function send(topic, text, unknown)
  local report = json.decode(text)
  local id = ID[topic]
  if not MAY_BE_UNKNOWN[topic] and (report[id] == nil or report[id] == unknown) then
    local ids, outcome, detail = players.ids(report.platform, report.uid, unknown)
    if not ids then return outcome, detail end
    report.player_id = ids.player_id
    if topic == "rounds" then report.session_id = ids.session_id end
  end
  local sent = id and report[id]
  if topic == "players" and not sent then return "refused", "the player has no id there" end
  local answer, code, detail = client.request(requests[topic](report))
  return client.outcome(answer), answer and "status " .. answer.status or code .. ": " .. detail,
    sent
end

--- Tells one item.
---@return "done"|"away"|"refused"|"unknown" outcome
---@return string? detail
local function tell(topic, item)
  local outcome, detail, id = send(topic, item.body)
  if outcome ~= "unknown" then return outcome, detail end
  if MAY_BE_UNKNOWN[topic] then return "done" end
  -- The back office has forgotten the session or the player: registered anew, once.
  if id then outcome, detail = send(topic, item.body, id) end
  return outcome, detail
end

-- The back office is away: everything waits.
local function pause(detail)
  failures = failures + 1
  local seconds = pauses.after(failures)
  quiet_until = nightjar.now() + math.floor(seconds * 1000)
  nightjar.log.warn("the back office is away",
    { detail = detail, attempt = failures, retry_after = seconds })
end

-- One item is not taken: it waits, the others go on.
local function refuse(topic, item, detail)
  local seconds = pauses.after(item.attempts + 1)
  nightjar.log.error("the back office does not take a report", {
    topic = topic, key = item.key, detail = detail, attempt = item.attempts + 1,
    retry_after = seconds,
  })
  outbox.postpone(item.id, seconds)
end

---@class casino.Batch what the lanes that tell it share
---@field items table[]
---@field next integer the item to be told next
---@field done integer[] ids to be accepted
---@field running integer lanes at work
---@field away? string why the back office is away
---@field event string woken after each item

local function tell_next(topic, batch)
  local item = batch.items[batch.next]
  batch.next = batch.next + 1
  -- One that cannot be told at all must not end the lane: those behind it would wait for good.
  local ok, outcome, detail = pcall(tell, topic, item)
  if not ok then outcome, detail = "refused", outcome end
  if outcome == "done" then
    batch.done[#batch.done + 1] = item.id
    if topic == "sessions" then players.ended(item.key) end
  elseif outcome == "away" then
    batch.away = detail or "no answer"
  else
    refuse(topic, item, detail)
  end
end

-- A lane tells one item after the other.
local function lane(topic, batch, deadline)
  local ok, problem = true, nil
  while ok and batch.next <= #batch.items and not batch.away and nightjar.now() < deadline do
    ok, problem = pcall(tell_next, topic, batch)
  end
  batch.running = batch.running - 1
  nightjar.event.notify(batch.event)
  if not ok then error(problem, 0) end
end

local function accept(batch)
  if #batch.done == 0 then return end
  local ids = batch.done
  batch.done = {}
  if outbox.accept(ids) then failures = 0 end
end

-- Tells what is due of a topic; whether there may be more.
local function deliver(topic, deadline)
  local items = outbox.due(topic, limits.batch)
  if not items or #items == 0 then return false end
  turns = turns + 1
  local batch = {
    items = items, next = 1, done = {}, running = 0, event = "backoffice.batch." .. turns,
  }
  for _ = 1, math.min(limits.lanes, #items) do
    if nightjar.spawn(lane, topic, batch, deadline) then batch.running = batch.running + 1 end
  end
  if batch.running == 0 then return false end
  while batch.running > 0 do
    -- Accepted now and then, so that a crash has little told twice.
    nightjar.event.wait(batch.event, 1)
    accept(batch)
  end
  accept(batch)
  if batch.away then pause(batch.away) end
  return #items == limits.batch and not batch.away
end

--- One look at what waits. May wait, at most as long as a handler may.
function M.turn()
  local now = nightjar.now()
  if now < quiet_until then return end
  local deadline = now + limits.turn_ms
  for _, topic in ipairs(TOPICS) do
    while nightjar.now() < deadline and deliver(topic, deadline) do end
    if nightjar.now() < quiet_until then return end
  end
end

return M
