--- The protocol of `/connect`: one function for each type of message.
--
-- Everything happens on one worker, one message after the other, so all members of a session see
-- the same events in the same order. The server's rooms deliver: `all` has every member of a
-- session, `peers` those that are not leaders. A text goes into a room once, however many listen.

local nightjar = require "nightjar"
local late = require "late"
local names = require "names"
local sessions = require "sessions"
local settings = require "settings"

local json, log, state, room = nightjar.json, nightjar.log, nightjar.state, nightjar.room

local pushes = nightjar.metrics.counter("pushes")
local sessions_open = nightjar.metrics.gauge("sessions")
local sockets_open = nightjar.metrics.gauge("sockets")

local M = {}

-- `data` may be large and is nobody's business here: it stays as it came.
local DECODE = { raw = { "data" } }

--- The book of this relay; a reload brings it from the code before.
---@return sync.Book
function M.book()
  local book = state.get("book")
  if not book then
    book = sessions.new_book(nightjar.now())
    state.set("book", book)
  end
  return book
end

-- Members in the order that the published server writes them.
local NOTICE = '{"type":"servermsg","level":"warn","text":%s}'
local STATE = '{"type":"sessionstate","leaderConnected":%s,"playersCount":%d}'

--- Tells the client that something was wrong.
local function notice(conn, text)
  conn:send(NOTICE:format(json.encode(text)))
end

--- Tells all members how many there are and whether one leads.
local function tell(book, number)
  local session = book.sessions[number]
  room("all " .. number):send(STATE:format(session.leaders > 0, session.members))
end

--- Takes a socket out of its session, if it is in one, and tells the others.
local function leave(conn, member)
  local number = member.session
  if not number then return end
  local book = M.book()
  room("all " .. number):leave(conn)
  if not member.leader then room("peers " .. number):leave(conn) end
  late.forget_from(book.late, number, conn.id)
  if sessions.leave(book, member) then
    tell(book, number)
  else
    late.forget(book.late, number)
    sessions_open:set(book.count)
  end
  log.debug("left", { name = member.name })
end

--- Enters a socket that is in no session, and tells all.
local function join(conn, member, id, leader)
  local book = M.book()
  local number = sessions.join(book, member, id, leader)
  if not number then return notice(conn, "Too many sessions!") end
  room("all " .. number):join(conn)
  if not leader then room("peers " .. number):join(conn) end
  tell(book, number)
  sessions_open:set(book.count)
  log.debug("joined", { name = member.name, session = id, leader = leader })
  -- The leader sends differences: who comes late would wait for a monster until it changes.
  local push = not leader and late.text(book.late, number)
  if push then conn:send(push) end
end

--- A member has asked for its own session again: only its role may have changed.
local function change_role(conn, member, leader)
  local book, number = M.book(), member.session
  if leader ~= member.leader then
    sessions.set_role(book, member, leader)
    local peers = room("peers " .. number)
    if leader then
      peers:leave(conn)
    else
      peers:join(conn)
      late.forget_from(book.late, number, conn.id)
    end
  end
  tell(book, number)
end

--- By type, in lower case; called with the connection, its member, the message and its text.
---@type table<string, function>
local handlers = {}

function handlers.setsession(conn, member, message)
  local id, leader = message.sessionId, message.isLeader == true
  local problem
  if type(id) ~= "string" or id == "" then
    problem = "Session id cannot be empty!"
  elseif #id > sessions.ID_BYTES_MAX then
    problem = "Session id is too long!"
  end
  if problem then
    notice(conn, problem)
    return leave(conn, member)
  end
  if member.session and M.book().numbers[id] == member.session then
    return change_role(conn, member, leader)
  end
  leave(conn, member)
  join(conn, member, id, leader)
end

function handlers.push(conn, member, message, text)
  local book = M.book()
  local number = book.numbers[message.sessionId]
  if not number then return end
  local leads = member.leader and member.session == number
  if settings.pushes_from_leaders_only and not leads then return end
  pushes:add()
  local session = book.sessions[number]
  if session.members > session.leaders then
    -- Only a peer of this session is in the room and has to be left out.
    local is_peer = member.session == number and not leads
    room("peers " .. number):send(text, is_peer and { except = conn } or nil)
  end
  if leads and settings.late_join_push then late.keep(book.late, number, conn.id, text) end
end

function handlers.leavesession(conn, member)
  leave(conn, member)
  -- 1005: a close frame without a code.
  conn:close(1005)
end

-- The published server does not know this type, its description does.
if not settings.strict then
  function handlers.close(conn, member)
    leave(conn, member)
  end
end

function handlers.setname(_, member, message)
  member.name = names.clean(message.name) or member.name
end

--- A new socket.
---@param conn nightjar.Connection
---@param request nightjar.Request
function M.open(conn, request)
  local book = M.book()
  conn.data = sessions.new_member(names.clean(request.query.playerName) or names.random())
  book.sockets = book.sockets + 1
  sockets_open:set(book.sockets)
end

--- A message of a socket.
---@param conn nightjar.Connection
---@param text string
---@param binary boolean
function M.message(conn, text, binary)
  local book, member = M.book(), conn.data
  member.received = member.received + #text
  book.received = book.received + #text
  if binary then return notice(conn, "uknown message") end
  if text == "ping" then return conn:send("pong") end
  local message = json.decode(text, DECODE)
  local kind = type(message) == "table" and message.type
  if type(kind) ~= "string" then
    -- The published server says nothing here.
    if not settings.strict then notice(conn, "uknown message") end
    return
  end
  kind = kind:lower()
  local handler = handlers[kind]
  if not handler then return notice(conn, "unexpected message type " .. kind .. "!") end
  handler(conn, member, message, text)
end

--- A socket is gone.
---@param conn nightjar.Connection
function M.close(conn)
  local book, member = M.book(), conn.data
  if not member then return end
  leave(conn, member)
  book.sockets = book.sockets - 1
  book.received = book.received - member.received
  sockets_open:set(book.sockets)
end

--- A message was too much for the server's limits and came to nothing. Its sender goes, so that
-- nobody is left with half of what it asked for.
---@param conn nightjar.Connection
function M.failed(conn)
  conn:close(1011)
end

return M
