local polling = require "polling"

local T = {}

local function new() return { started = 0, pushed = 0, count = 0, polls = 0, sessions = {} } end

function T.a_poll_is_new_once()
  local book = new()
  local session = polling.session(book, "s", 0)
  assert(polling.begin(book, session, "p") == true)
  assert(polling.begin(book, session, "p") == false)
  assert(book.polls == 1 and book.count == 1)
end

function T.sessions_without_a_put_are_dropped_with_their_polls()
  local book = new()
  polling.begin(book, polling.session(book, "old", 0), "p")
  polling.begin(book, polling.session(book, "new", 1), "p")
  polling.sweep(book, polling.SESSION_MS)
  assert(book.sessions.old == nil and book.sessions.new and book.count == 1 and book.polls == 1)
end

function T.there_is_a_limit_to_sessions_and_polls()
  local book = new()
  for i = 1, polling.SESSIONS_MAX do assert(polling.session(book, "s" .. i, 0)) end
  assert(polling.session(book, "more", 0) == nil and polling.session(book, "s1", 0))
  local session = book.sessions.s1
  for i = 1, polling.POLLS_MAX do assert(polling.begin(book, session, "p" .. i)) end
  assert(polling.begin(book, session, "more") == nil)
  assert(polling.begin(book, session, "p1") == false)
end

return T
