--- What goes on behind the back of whoever asked: handing messages out, and writing down what has
-- changed.
--
-- Whatever waits for the store may find, when it goes on, that a script was saved meanwhile and
-- another generation does the work now. Then it touches nothing: the new one has taken over the
-- book and begins again what was under way.

local nightjar = require "nightjar"
local bookkeeping = require "queues.book"
local chores = require "queues.chores"
local disk = require "queues.disk"
local envelope = require "envelope"
local fifo = require "queues.fifo"
local holders = require "queues.holders"
local kept = require "lib.kept"
local limits = require "queues.limits"

local M = {}

---@type gateway.Book
local book = kept("queues", bookkeeping.new())
M.book = book

--- Whether this generation is the one that does the work.
function M.is_live()
  return nightjar.state.set("queues.live", true) ~= nil
end

--- Sends an op to a connection; one that is gone hears nothing.
---@param to integer connection
---@param d table with `opcode`
function M.tell(to, d)
  local conn = nightjar.websocket.connection(to)
  if conn then envelope.send_op(conn, d) end
end

-- What is under way in this generation, by name.
local busy = {}

-- Runs something in a coroutine of its own, one at a time of each name.
local function run_alone(name, work, ...)
  if busy[name] then return end
  busy[name] = true
  nightjar.spawn(function(...)
    -- A script may have been saved before this has begun.
    if not M.is_live() then return end
    local ok, problem = pcall(work, ...)
    busy[name] = nil
    if not ok then error(problem, 0) end
  end, ...)
end

-- MARK: Writing down

-- As long as there is something. If it fails, the chores are kept for the next sweep.
local function write_chores()
  while fifo.count(book.chores) > 0 do
    local changes, count = chores.changes(book, limits.chores)
    local done, problem = true, nil
    if #changes > 0 then done, problem = disk.write(changes) end
    if not M.is_live() then return end
    if not done then
      return nightjar.log.warn("queues cannot be written", { problem = problem })
    end
    chores.done(book, count)
  end
end

local function do_chores()
  if fifo.count(book.chores) > 0 then run_alone("chores", write_chores) end
end

-- MARK: Handing out

-- Bodies of messages that were not handed out yet: most are handed out at once, and need not be
-- read again.
local bodies, body_bytes = {}, 0

--- Remembers what is in a new message, if there is room.
---@param number integer
---@param body table
---@param size integer
function M.keep_body(number, body, size)
  if body_bytes + size > limits.cache_bytes then return end
  bodies[number] = { body, size }
  body_bytes = body_bytes + size
end

--- What is in a message, if it is remembered; then it is no longer.
---@param number integer
---@return table? body
function M.take_body(number)
  local entry = bodies[number]
  if not entry then return nil end
  bodies[number] = nil
  body_bytes = body_bytes - entry[2]
  return entry[1]
end

local function deliver(queue, number, turn, body)
  local to, attempt = holders.hold(book, queue, number, turn, nightjar.now())
  M.tell(to, {
    opcode = 25, queue = queue.name, message = tostring(number), attempt = attempt,
    s = body.s, t = body.t, d = nightjar.json.raw(body.d), id = body.id,
  })
end

-- The store has lost what is in a message.
local function drop(name, number)
  nightjar.log.error("a message has no body", { queue = name, message = number })
  local queue = book.queues[name]
  if queue and bookkeeping.first(queue) == number then
    bookkeeping.take_first(queue)
    bookkeeping.forget(book, queue, number)
  end
end

-- Hands out messages of a queue as long as somebody has room for them.
local function pump(name)
  local count, bytes = 0, 0
  local read, body_read -- the message that was read last
  while true do
    local queue = book.queues[name]
    if not queue then return end
    local number, turn = holders.next(queue)
    if not number or not turn then return end
    local body = M.take_body(number) or (read == number and body_read)
    if body then
      count, bytes = count + 1, bytes + queue.size[number]
      deliver(queue, number, turn, body)
      if count >= limits.turn_messages or bytes >= limits.turn_bytes then
        nightjar.sleep(0)
        count, bytes = 0, 0
      end
    else
      -- Afterwards another message may be first, or nobody have room any more: look again.
      local problem
      read = number
      body_read, problem = disk.body(number)
      if problem then
        return nightjar.log.warn("a queue cannot be read", { queue = name, problem = problem })
      end
      if not body_read and M.is_live() then drop(name, number) end
    end
    if not M.is_live() then return end
  end
end

--- Hands out what there is in these queues, and writes down what has changed.
---@param names table<string, true>
function M.go_on(names)
  for name in pairs(names) do
    local queue = book.queues[name]
    if queue and select(2, holders.next(queue)) then run_alone("queue " .. name, pump, name) end
  end
  do_chores()
end

return M
