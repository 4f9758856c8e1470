--- What the specs share: a clock that goes when a spec says so, tasks that run when it says so, books of
-- tokens and logins in memory, and sockets that remember what they were sent.

local M = {}

--- A request as the host gives it.
---@param fields {body?: string, query?: table, headers?: table, remote?: string}
---@return table
function M.request(fields)
  local headers = fields.headers or {}
  return {
    body = fields.body or "", query = fields.query or {}, remote = fields.remote or "127.0.0.1",
    header = function(_, name) return headers[name:lower()] end,
  }
end

--- A clock, milliseconds.
---@param start? integer
function M.clock(start)
  local clock = { time = start or 1788120000000 }
  function clock.now() return clock.time end
  function clock.pass(ms) clock.time = clock.time + ms end
  return clock
end

--- Tasks that wait to be run. A task may wait: `tasks.wait()` in it ends with the next `run`.
function M.tasks()
  local tasks = { list = {} }
  local function resume(task)
    local ok, problem = coroutine.resume(task)
    assert(ok, problem)
    if coroutine.status(task) ~= "dead" then tasks.list[#tasks.list + 1] = task end
  end
  function tasks.spawn(fn)
    tasks.list[#tasks.list + 1] = coroutine.create(fn)
    return true
  end
  function tasks.wait() coroutine.yield() end
  --- Runs each task until it waits or ends.
  function tasks.run()
    local due = tasks.list
    tasks.list = {}
    for _, task in ipairs(due) do resume(task) end
    return #due
  end
  return tasks
end

--- A book of tokens, as `nightjar.auth.tokens` has it.
function M.tokens()
  local book = { by_token = {}, people = {}, issued = 0 }
  function book.find(_, token)
    local subject = book.by_token[token]
    if subject then return subject, book.people[subject] end
    return nil
  end
  function book.of(_, subject) return book.people[subject] end
  function book.issue(_, subject, data)
    if book.fails then return nil, "unavailable" end
    for token, of in pairs(book.by_token) do
      if of == subject then book.by_token[token] = nil end
    end
    book.issued = book.issued + 1
    local token = ("%016x"):format(0xABCDEF0000000000 + book.issued)
    book.by_token[token], book.people[subject] = subject, data
    return token
  end
  function book.update(_, subject, data)
    if book.fails then return nil, "unavailable" end
    if not book.people[subject] then return nil, "none" end
    book.people[subject] = data
    return true
  end
  return book
end

--- Logins that wait for their client, as `nightjar.auth.pending` has them.
function M.pending()
  local book = { list = {} }
  function book.put(_, key, value) book.list[key] = value end
  function book.take(_, key)
    local value = book.list[key]
    book.list[key] = nil
    return value
  end
  function book.clear() book.list = {} end
  return book
end

--- A socket or a room that remembers.
function M.socket()
  local socket = { sent = {}, members = {} }
  function socket.send(_, text) socket.sent[#socket.sent + 1] = text end
  function socket.join(_, conn) socket.members[#socket.members + 1] = conn end
  return socket
end

--- Counts by name.
function M.counter()
  local counts = {}
  return function(name, amount) counts[name] = (counts[name] or 0) + (amount or 1) end, counts
end

return M
