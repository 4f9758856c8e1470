--- By what ids the back office knows our players, kept in the store: who plays on while the back
-- office is away is registered when it is back, so that every round has a player.

local nightjar = require "nightjar"
local client = require "backoffice.client"
local held = require "lib.held"
local kept = require "lib.kept"
local limits = require "backoffice.limits"

local store, json = nightjar.store, nightjar.json

local M = {}

-- Sessions that are registered and have not ended, a sorted set: what a crash leaves behind.
M.OPEN = "backoffice.open"

-- Why a session may not begin.
M.BLOCKED = "the user is blocked at the back office"

-- Sessions that were registered late: id → when one of their rounds was told last.
local late = kept "backoffice.late"

---@class casino.PlayerRecord
---@field registration table what `POST sessions` is told
---@field player_id? string
---@field session_id? string the latest one

-- An id at a platform may be longer than a key.
local function key_of(platform, uid)
  local digest = nightjar.crypto.sha256(platform .. "\0" .. uid)
  return "backoffice.player:" .. nightjar.crypto.hex(digest)
end

local function is_id(value)
  return type(value) == "string" and #value >= 1 and #value <= limits.id_bytes
end

--- Asks the back office for a session.
---@param registration table
---@param seconds? number
---@return table? reply `session_id`, `player_id`, `site` as JSON text; nil when there is none
---@return "away"|"unknown"|"refused"|nil outcome with nil
---@return string? detail for the log
function M.ask(registration, seconds)
  local answer, code, detail = client.request("POST", "sessions", registration, seconds)
  local outcome = client.outcome(answer)
  if outcome ~= "done" then
    if answer and answer.status == 403 then return nil, "refused", M.BLOCKED end
    return nil, outcome, answer and "status " .. answer.status or code .. ": " .. detail
  end
  local reply = json.decode(answer.body, { raw = { "site" } })
  if type(reply) ~= "table" or not is_id(reply.session_id) or not is_id(reply.player_id) then
    local words = "the answer to POST sessions has no session_id or no player_id of 1 to %d bytes"
    return nil, "away", words:format(limits.id_bytes)
  end
  if reply.site == json.null then reply.site = nil end
  reply.site = reply.site and json.encode(reply.site)
  return reply
end

--- Remembers a player, and the session if there is one.
---@param registration table
---@param reply? table
---@return boolean? done
function M.remember(registration, reply)
  local record = { registration = registration }
  local changes = { { "set", key_of(registration.platform, registration.user.uid), record } }
  if reply then
    record.player_id, record.session_id = reply.player_id, reply.session_id
    changes[2] = { "add", M.OPEN, reply.session_id, nightjar.now() }
  end
  local done, code, detail = store.batch(changes)
  if not done then
    nightjar.log.error("a player's ids at the back office are not kept",
      { code = code, detail = detail, user = registration.user.uid })
  end
  return done
end

-- Players who are being looked up, and registered if need be, by their keys.
local busy = held.new()

-- Asks for a session, and keeps what comes.
local function ask_late(record)
  local reply, outcome, detail = M.ask(record.registration)
  if reply then
    M.remember(record.registration, reply)
    late[reply.session_id] = nightjar.now()
  end
  return reply, outcome, detail
end

-- The ids that are kept, or those of a new session.
local function look_up(key, unknown)
  local record = store.get(key)
  if not record then return {} end -- never registered, not even in vain
  local is_known = record.session_id
    and record.session_id ~= unknown and record.player_id ~= unknown
  if is_known then
    if late[record.session_id] then late[record.session_id] = nightjar.now() end
    return record
  end
  local reply, outcome, detail = ask_late(record)
  -- Away: later. Otherwise the back office gets what is known without.
  if not reply and outcome == "away" then return nil, outcome, detail end
  return reply or {}
end

--- The ids of a player; who has none is registered now.
---@param platform string
---@param uid string
---@param unknown? string the id of a session or player that the back office does not know
---@return {session_id: string?, player_id: string?}? ids nil when the back office is away
---@return string? outcome with nil
---@return string? detail
function M.ids(platform, uid, unknown)
  local key = key_of(platform, uid)
  -- Several reports of one player are told at a time: only one of them registers. The others look
  -- into the store after it, for what it has found there is old once somebody is registered.
  while busy:is_held(key) do nightjar.event.wait("registered " .. key, 1) end
  busy:hold(key)
  -- A lane's time may be over before the back office has answered. The others must not wait for it.
  local ok, ids, outcome, detail = pcall(look_up, key, unknown)
  busy:release(key)
  nightjar.event.notify("registered " .. key)
  if not ok then error(ids, 0) end
  return ids, outcome, detail
end

-- Tells that a session has ended; the outbox keeps it until the back office has heard it.
local function tell_end(session)
  return { "tell", "sessions", session, json.encode { session_id = session } }
end

--- Ends a session that has not begun.
---@param session string
function M.close(session) store.batch { tell_end(session) } end

-- Sessions that began before this time are of the process before; without one they have been ended.
local left_over = kept "backoffice.left_over"

-- Ends them, many in one change of the store. It goes on with the next look if it fails.
local function end_left_over()
  while left_over.before do
    local open, code, detail = store.range(M.OPEN, nil, left_over.before - 1,
      { by = "score", limit = limits.ended_at_once })
    local changes = {}
    for index, entry in ipairs(open or {}) do
      changes[2 * index - 1] = tell_end(entry.member)
      -- Its end lies in the outbox: what is to be known of it is there.
      changes[2 * index] = { "remove", M.OPEN, entry.member }
    end
    local done = open ~= nil
    if #changes > 0 then done, code, detail = store.batch(changes) end
    if not done then
      nightjar.log.error("sessions of the process before are not ended",
        { code = code, detail = detail })
      return
    end
    if #changes == 0 then left_over.before = nil end
  end
end

--- Ends the sessions that were registered late and have been quiet since.
function M.sweep()
  end_left_over()
  -- While the store is waited for others may be registered: nobody's place in the table is held.
  local now, quiet = nightjar.now(), {}
  for session, last in pairs(late) do
    if now - last > limits.late_ms then quiet[#quiet + 1] = session end
  end
  for _, session in ipairs(quiet) do
    if store.batch { tell_end(session) } then late[session] = nil end
  end
end

--- After a start: the sessions of the process before have ended with it.
function M.end_left_over()
  left_over.before = nightjar.now()
  end_left_over()
end

--- A session's end was told.
---@param session string
function M.ended(session) store.remove(M.OPEN, session) end

return M
