--- Players and their sessions.
--
-- "Not known" is something else than "the store does not answer": on the first a server registers a
-- player anew. Where there is nothing, functions return nil; where nobody knows, nil and a code.

local nightjar = require "nightjar"
local held = require "lib.held"
local limits = require "limits"

local store = nightjar.store

local M = {}

-- Sorted sets, by time.
local PLAYERS, SESSIONS, OPEN = "players", "sessions", "sessions open"
local PLATFORMS = "platforms"

local function player_key(id) return "player " .. id end
local function session_key(id) return "session " .. id end

-- An id at a platform may be longer than a key.
local function uid_key(platform, uid)
  return "uid " .. nightjar.crypto.hex(nightjar.crypto.sha256(platform .. "\0" .. uid))
end

---@class backoffice.Player
---@field id string
---@field platform string
---@field uid string id at the platform
---@field user? string global id at the server of games
---@field name? string
---@field email? string
---@field blocked boolean
---@field since integer milliseconds since 1970
---@field seen integer likewise: the last session's start
---@field accounts table<string, {credits: integer, at: integer}> by denomination
---@field soc_level? number
---@field spend_total? number

--- A player by id.
---@return backoffice.Player?
---@return integer|string|nil version with nil: a code when the store does not answer
function M.player(id) return store.get(player_key(id)) end

--- A player by the id at a platform, any platform.
---@param uid string
---@return backoffice.Player?
---@return integer|string|nil version with nil: a code when the store does not answer
function M.by_uid(uid)
  local platforms, code = store.range(PLATFORMS)
  if not platforms then return nil, code end
  for _, platform in ipairs(platforms) do
    local id, problem = store.get(uid_key(platform.member, uid))
    if id then return M.player(id) end
    if problem then return nil, problem end
  end
  return nil
end

-- Changes a player as he is in the store: if somebody else was faster, what that one has made of
-- him. `edit` changes the table it is given, or returns false to leave everything as it is.
---@return backoffice.Player|false|nil player false: not known; nil: the store does not answer
local function change(id, edit)
  for _ = 1, limits.tries do
    local player, version = M.player(id)
    if not player then
      if version then return nil end
      return false
    end
    if edit(player) == false then return player end
    local done, code = store.set(player_key(id), player, { if_version = version })
    if done then return player end
    if code ~= "conflict" then return nil end
  end
  return nil
end

-- What a report says of a user, as far as it is a text.
local function text_of(user, name)
  local value = user[name]
  return type(value) == "string" and value or nil
end

local function note(player, user, now)
  for _, name in ipairs { "name", "email" } do
    player[name] = text_of(user, name) or player[name]
  end
  player.user, player.seen = text_of(user, "id") or player.user, now
end

-- The player with this id at a platform, with what is known of him now.
---@return backoffice.Player|false|nil player false: there is none
---@return "blocked"|"unavailable"|nil why with nil: he gets no session
local function known(key, user, now)
  local id, code = store.get(key)
  if not id then
    if code then return nil, "unavailable" end
    return false
  end
  local player = change(id, function(player)
    if player.blocked then return false end
    note(player, user, now)
  end)
  if player == nil then return nil, "unavailable" end
  if player and player.blocked then return nil, "blocked" end
  return player
end

-- Two sessions of a new user that begin at once must not make two players of him.
local busy = held.new()

local function begin(key, platform, site, user)
  local now = nightjar.now()
  local player, why = known(key, user, now)
  if player == nil then return nil, why end
  local changes = {}
  if not player then
    player = {
      id = nightjar.random.uuid(), platform = platform, uid = user.uid, blocked = false,
      since = now, accounts = {},
    }
    note(player, user, now)
    changes = {
      { "set", player_key(player.id), player }, { "set", key, player.id },
      { "add", PLATFORMS, platform, 0 },
    }
  end
  local session = {
    id = nightjar.random.uuid(), player = player.id, platform = platform, site = site,
    started = now,
  }
  table.move({
    { "add", PLAYERS, player.id, now }, { "set", session_key(session.id), session },
    { "add", SESSIONS, session.id, now }, { "add", OPEN, session.id, now },
  }, 1, 4, #changes + 1, changes)
  if not store.batch(changes) then return nil, "unavailable" end
  return session, player
end

--- Begins a session. A player who is blocked gets none.
---@param platform string
---@param site string
---@param user {id: string?, uid: string, name: string?, email: string?}
---@return table? session
---@return backoffice.Player|"blocked"|"unavailable" player or why there is no session
function M.begin(platform, site, user)
  local key = uid_key(platform, user.uid)
  while busy:is_held(key) do nightjar.event.wait(key, 1) end
  busy:hold(key)
  local ok, session, player = pcall(begin, key, platform, site, user)
  busy:release(key)
  nightjar.event.notify(key)
  if not ok then error(session, 0) end
  return session, player
end

--- A session by id; nil and a code when the store does not answer.
function M.session(id) return store.get(session_key(id)) end

--- Ends a session. Again: nothing.
---@return boolean? is_known nil: the store does not answer
function M.finish(id)
  local session, code = M.session(id)
  if not session then
    if code then return nil end
    return false
  end
  if session.ended then return true end
  session.ended = nightjar.now()
  return store.batch { { "set", session_key(id), session }, { "remove", OPEN, id } } and true
end

--- Takes what a server tells of a player. News that are older than what is known change nothing.
---@return backoffice.Player|false|nil player false: not known; nil: the store does not answer
function M.update(id, news)
  local at = math.type(news.at) == "integer" and news.at or nightjar.now()
  return change(id, function(player)
    local before = player.accounts[news.denom]
    if before and before.at > at then return false end
    player.accounts[news.denom] = { credits = news.credits, at = at }
    for _, name in ipairs { "soc_level", "spend_total" } do
      if type(news[name]) == "number" then player[name] = news[name] end
    end
  end)
end

--- Blocks a player, or lets him in again.
---@return backoffice.Player|false|nil player false: not known; nil: the store does not answer
function M.block(id, is_blocked)
  return change(id, function(player) player.blocked = is_blocked end)
end

local function listed(set, read)
  local rows = nightjar.json.array()
  local members = store.range(set, 1, limits.rows, { reverse = true, limit = limits.rows }) or {}
  for _, entry in ipairs(members) do rows[#rows + 1] = read(entry.member) end
  return rows, store.count(set) or #rows
end

-- A session as the page shows it.
local function shown(id)
  local session = M.session(id)
  if not session then return nil end
  local player = M.player(session.player)
  session.name = player and (player.name or player.uid)
  return session
end

--- The latest sessions, and how many there are in all.
---@param is_open boolean only those that have not ended
function M.sessions(is_open) return listed(is_open and OPEN or SESSIONS, shown) end

--- The players who were here last, and how many there are in all.
function M.players() return listed(PLAYERS, M.player) end

--- How many players and open sessions there are.
function M.counts() return store.count(PLAYERS) or 0, store.count(OPEN) or 0 end

return M
