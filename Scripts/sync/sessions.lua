--- Who is in which session: counting, nothing else. Works on two kinds of plain tables that the
-- server keeps through reloads: the book (one for the whole relay, in `nightjar.state`) and the
-- member (one for each socket, in `conn.data`).
--
-- A session is known by its number inside the server: short to write down, and a session that is
-- deleted and made anew under the same id cannot be mistaken for the former one.

local M = {}

--- Bytes of a session id. The game's ids with a player's name have about 40; ids are kept in memory
-- and carried over by every reload.
M.ID_BYTES_MAX = 128
--- Sessions at the same time. Each has two rooms, of which the server has 65,536 per loop; with ids
-- of full length they and the last pushes (see late.lua) fit into what a reload may carry, 16 MiB.
M.SESSIONS_MAX = 20000

---@class sync.Session
---@field id string
---@field members integer sockets in the session
---@field leaders integer how many of them are leaders

---@class sync.Book
---@field started integer when the relay began, milliseconds since 1970
---@field sockets integer open sockets
---@field received integer bytes received from the sockets that are open now
---@field count integer sessions
---@field last integer number of the latest session
---@field numbers table<string, integer> session id → number
---@field sessions table<integer, sync.Session>
---@field late sync.Late the last pushes, see late.lua

---@class sync.Member
---@field name string for the log
---@field received integer bytes received
---@field session? integer number of its session
---@field leader boolean

--- An empty book.
---@param now integer milliseconds since 1970
---@return sync.Book
function M.new_book(now)
  return {
    started = now, sockets = 0, received = 0,
    count = 0, last = 0, numbers = {}, sessions = {},
    late = { bytes = 0, pushes = {} },
  }
end

--- A socket that is in no session yet.
---@param name string
---@return sync.Member
function M.new_member(name)
  return { name = name, received = 0, leader = false }
end

--- Enters a member, which is in no session, into the session of this id.
---@param book sync.Book
---@param member sync.Member
---@param id string
---@param leader boolean
---@return integer? number of the session; nil if there are too many
function M.join(book, member, id, leader)
  local number = book.numbers[id]
  if not number then
    if book.count >= M.SESSIONS_MAX then return nil end
    number = book.last + 1
    book.sessions[number] = { id = id, members = 0, leaders = 0 }
    book.numbers[id] = number
    book.last = number
    book.count = book.count + 1
  end
  local session = book.sessions[number]
  session.members = session.members + 1
  if leader then session.leaders = session.leaders + 1 end
  member.session = number
  member.leader = leader
  return number
end

--- Takes a member out of its session, which is deleted with its last member.
---@param book sync.Book
---@param member sync.Member
---@return boolean remains whether the session still has members
function M.leave(book, member)
  local number = member.session
  local session = book.sessions[number]
  session.members = session.members - 1
  if member.leader then session.leaders = session.leaders - 1 end
  member.session = nil
  member.leader = false
  if session.members > 0 then return true end
  book.sessions[number] = nil
  book.numbers[session.id] = nil
  book.count = book.count - 1
  return false
end

--- Makes a member a leader or not.
---@param book sync.Book
---@param member sync.Member
---@param leader boolean
function M.set_role(book, member, leader)
  if member.leader == leader then return end
  local session = book.sessions[member.session]
  session.leaders = session.leaders + (leader and 1 or -1)
  member.leader = leader
end

return M
