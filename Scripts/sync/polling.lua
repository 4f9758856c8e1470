--- The protocol that came before WebSockets: the leader puts the monsters, the others ask for them
-- and wait. Switched on by the setting `polling`.

local nightjar = require "nightjar"
local status = require "status"

local state = nightjar.state

local M = {}

--- Sessions at the same time; what they keep must fit into a reload together with the rest.
M.SESSIONS_MAX = 200
--- Bytes of what is put; the plug-in sends at most 16 KiB. 200 of these are 3 MiB.
M.BODY_BYTES_MAX = 16 << 10
--- Bytes of a session's and of a poll's id, as in sessions.lua.
M.ID_BYTES_MAX = 128
--- Polls of one session that are remembered. A party has four players; each may start anew often.
M.POLLS_MAX = 32
--- Requests that may wait at the same time; further ones are refused with 503. A waiting request
-- holds a coroutine. Counted anew after a reload: who waits on the code before ends within 25 s.
M.WAITING_MAX = 2000
--- How long a request waits for the next put, seconds. The server ends handlers after 30.
M.WAIT_SECONDS = 25
--- A session that nobody puts into is dropped after this time, milliseconds.
M.SESSION_MS = 300000
--- How often that is looked at, seconds.
M.SWEEP_SECONDS = 60

local HTML = {
  ["content-type"] = "text/html; charset=utf-8",
  ["access-control-allow-origin"] = "*",
}
local JSON = {
  ["content-type"] = "application/json; charset=utf-8",
  ["access-control-allow-origin"] = "*",
}

local function answer(text) return { headers = JSON, body = text } end

local function refuse(code, text) return { status = code, headers = HTML, body = text } end

---@class sync.PollSession
---@field monsters? string JSON text of the latest put
---@field put integer when that was, milliseconds since 1970
---@field polls table<string, boolean>
---@field poll_count integer

---@class sync.PollBook
---@field started integer milliseconds since 1970
---@field pushed integer bytes that were put
---@field count integer sessions
---@field polls integer polls of all sessions
---@field sessions table<string, sync.PollSession>

---@return sync.PollBook
function M.book()
  local book = state.get("polling")
  if not book then
    book = { started = nightjar.now(), pushed = 0, count = 0, polls = 0, sessions = {} }
    state.set("polling", book)
  end
  return book
end

--- The session of an id, made if need be; nil if there are too many.
function M.session(book, id, now)
  local session = book.sessions[id]
  if session then return session end
  if book.count >= M.SESSIONS_MAX then return nil end
  session = { put = now, polls = {}, poll_count = 0 }
  book.sessions[id] = session
  book.count = book.count + 1
  return session
end

--- Remembers a poll. True if it is new; nil if there are too many.
function M.begin(book, session, poll)
  if session.polls[poll] then return false end
  if session.poll_count >= M.POLLS_MAX then return nil end
  session.polls[poll] = true
  session.poll_count = session.poll_count + 1
  book.polls = book.polls + 1
  return true
end

--- Drops the sessions that nobody has put into for a while.
function M.sweep(book, now)
  for id, session in pairs(book.sessions) do
    if now - session.put >= M.SESSION_MS then
      book.sessions[id] = nil
      book.count = book.count - 1
      book.polls = book.polls - session.poll_count
    end
  end
end

local waiting = 0

local function put(request)
  local id, body = request.params.sessionId, request.body
  if #id > M.ID_BYTES_MAX then return refuse(400, "Session id is too long!") end
  local monsters = nightjar.json.decode(body)
  -- An object decodes to a table as well; the text tells them apart.
  if type(monsters) ~= "table" or not body:find("^%s*%[") then
    return refuse(400, "A list of monsters is expected!")
  end
  local book, now = M.book(), nightjar.now()
  local session = M.session(book, id, now)
  if not session then return refuse(503, "Too many sessions!") end
  session.monsters, session.put = body, now
  book.pushed = book.pushed + #body
  nightjar.event.notify("put " .. id, body)
  return { headers = HTML, body = "" }
end

local function get(request)
  local session = M.book().sessions[request.params.sessionId]
  return answer(session and session.monsters or "null")
end

local function poll(request)
  local id, poll_id = request.params.sessionId, request.params.pollId
  if #id > M.ID_BYTES_MAX or #poll_id > M.ID_BYTES_MAX then
    return refuse(400, "Id is too long!")
  end
  local book = M.book()
  local session = M.session(book, id, nightjar.now())
  local is_new = session and M.begin(book, session, poll_id)
  if is_new == nil then return refuse(503, "Too many polls!") end
  if is_new then return answer(session.monsters or "[]") end
  if waiting >= M.WAITING_MAX then return refuse(503, "Too many polls!") end
  waiting = waiting + 1
  local monsters, code = nightjar.event.wait("put " .. id, M.WAIT_SECONDS)
  waiting = waiting - 1
  return answer(not code and monsters or "null")
end

local function page()
  local book = M.book()
  local counts = { "Active sessions: " .. book.count, "Active polls: " .. book.polls }
  local text = status.page(counts, book.pushed, nightjar.now() - book.started)
  return { headers = HTML, body = text }
end

--- Declares the routes and the sweep; while the package loads.
function M.start()
  local open = { cors = true }
  nightjar.http.get("/poll/", page, open)
  nightjar.http.get("/poll/game/:sessionId", get, open)
  nightjar.http.put("/poll/game/:sessionId", put, { cors = true, max_body = M.BODY_BYTES_MAX })
  nightjar.http.get("/poll/game/:sessionId/poll/:pollId", poll, open)
  nightjar.timer.every("poll sweep", M.SWEEP_SECONDS, function()
    M.sweep(M.book(), nightjar.now())
  end)
end

return M
