--- The bookkeeping of the queues: which messages there are, and in which order. Plain data and
-- arithmetic: nothing here stores, sends or waits, and the whole book survives a reload.
-- Who holds which message is in queues/holders.lua.
--
-- A message is known by its number, which is never used twice: numbers are in the order in which
-- messages were taken. What is in the message is on disk.

local chores = require "queues.chores"
local fifo = require "queues.fifo"
local ids = require "queues.ids"
local limits = require "queues.limits"

local M = {}

--- Ends the name of a queue of dead letters.
M.DEAD = ".dead"

--- Later than any moment.
M.NEVER = math.maxinteger

---@class gateway.Put a message that is being stored
---@field number integer
---@field size integer
---@field id? string the sender's own
---@field since integer milliseconds since 1970
---@field answers table[] who wants to know
---@field outcome? string "stored", or why not; nil until the store has answered

---@class gateway.Queue
---@field name string
---@field dead boolean it holds the dead letters of another queue
---@field messages integer how many there are, those that are being stored included
---@field bytes integer
---@field puts gateway.Fifo those that are being stored, in order
---@field ready gateway.Fifo numbers that were never handed out, in order
---@field returned integer[] numbers that came back, in order
---@field delayed table<integer, integer> number → when it comes back
---@field held table<integer, gateway.Hold>
---@field unacked integer how many are held
---@field failed table<integer, integer> number → how often
---@field size table<integer, integer> number → bytes
---@field consumers table<integer, gateway.Consumer> by connection
---@field turns integer[] the consumers in their order
---@field turn integer index of the one who got the latest message
---@field due integer nothing is overdue before this moment
---@field totals {stored: integer, delivered: integer, acked: integer, redelivered: integer}

---@class gateway.Book
---@field loaded? boolean it knows what the store has kept
---@field queues table<string, gateway.Queue>
---@field kinds integer how many of them are not for dead letters
---@field messages integer in all queues
---@field last integer the latest number
---@field ids table<string, integer> sender's id → number, see queues/ids.lua
---@field id_order gateway.Fifo
---@field putting table<integer, string> number → queue, while it is being stored
---@field holders table<integer, gateway.Holder> by connection
---@field chores gateway.Fifo see queues/chores.lua

--- An empty book.
---@return gateway.Book
function M.new()
  return {
    queues = {}, kinds = 0, messages = 0, last = 0, ids = {}, id_order = fifo.new(),
    putting = {}, holders = {}, chores = fifo.new(),
  }
end

--- Whether this is the name of a queue of dead letters.
---@param name string
function M.is_dead(name)
  return name:sub(-#M.DEAD) == M.DEAD
end

--- The queue of a name; it begins to exist.
---@return gateway.Queue
function M.open(book, name)
  local queue = book.queues[name]
  if queue then return queue end
  local dead = M.is_dead(name)
  queue = {
    name = name, dead = dead, messages = 0, bytes = 0, puts = fifo.new(), ready = fifo.new(),
    returned = {}, delayed = {}, held = {}, unacked = 0, failed = {}, size = {}, consumers = {},
    turns = {}, turn = 0, due = M.NEVER,
    totals = { stored = 0, delivered = 0, acked = 0, redelivered = 0 },
  }
  book.queues[name] = queue
  if not dead then book.kinds = book.kinds + 1 end
  return queue
end

--- Forgets a queue that nobody uses.
function M.close_if_idle(book, queue)
  if queue.messages > 0 or #queue.turns > 0 or book.queues[queue.name] ~= queue then return end
  book.queues[queue.name] = nil
  if not queue.dead then book.kinds = book.kinds - 1 end
end

--- Why a queue of this name cannot begin to exist; nil if it can, or does.
---@return string? code, string? reason
function M.no_room_for(book, name)
  if not book.queues[name] and not M.is_dead(name) and book.kinds >= limits.queues then
    return "too_many_queues", "there are " .. limits.queues .. " queues already"
  end
end

local function count_in(book, queue, number, size)
  queue.size[number] = size
  queue.messages, queue.bytes = queue.messages + 1, queue.bytes + size
  book.messages = book.messages + 1
end

local function count_out(book, queue, number)
  local size = queue.size[number]
  queue.size[number], queue.failed[number] = nil, nil
  queue.messages, queue.bytes = queue.messages - 1, queue.bytes - size
  book.messages = book.messages - 1
  return size
end

-- MARK: Order

--- The message to be handed out next.
---@param queue gateway.Queue
---@return integer? number
function M.first(queue)
  local number, back = fifo.peek(queue.ready), queue.returned[1]
  if back and (not number or back < number) then return back end
  return number
end

--- Takes the first message out of the order.
function M.take_first(queue)
  if M.first(queue) == queue.returned[1] then
    table.remove(queue.returned, 1)
  else
    fifo.pop(queue.ready)
  end
end

--- Puts a message that came back into its place.
---@param queue gateway.Queue
---@param number integer
function M.put_back(queue, number)
  local list = queue.returned
  local low, high = 1, #list + 1
  while low < high do
    local middle = (low + high) // 2
    if list[middle] < number then low = middle + 1 else high = middle end
  end
  table.insert(list, low, number)
end

-- MARK: Coming

--- Why a message cannot be taken; nil if it can.
---@return string? code, string? reason
function M.refusal(book, name, size)
  local code, reason = M.no_room_for(book, name)
  if code then return code, reason end
  if book.messages >= limits.messages_of_all then
    return "queue_full", "all queues together are full"
  end
  local queue = book.queues[name]
  if not queue then return end
  if queue.messages >= limits.messages then
    return "queue_full", name .. " holds " .. queue.messages .. " messages"
  elseif queue.bytes + size > limits.bytes then
    return "queue_full", name .. " holds " .. queue.bytes .. " bytes"
  end
end

--- Gives a number to a message that is going to be stored.
---@param size integer bytes
---@param id? string the sender's own
---@param answer table who wants to know
---@param now integer
---@return integer number
function M.reserve(book, name, size, id, answer, now)
  local queue = M.open(book, name)
  local number = book.last + 1
  book.last = number
  local put = { number = number, size = size, id = id, since = now, answers = { answer } }
  fifo.push(queue.puts, put)
  count_in(book, queue, number, size)
  book.putting[number] = name
  return number
end

-- The put of this number. The store answers in order, so it is nearly always the first.
local function find(queue, number)
  for index = queue.puts.first, queue.puts.last do
    if queue.puts[index].number == number then return queue.puts[index] end
  end
end

--- Somebody repeats a message that is still being stored, and wants to know too.
---@return boolean joined false: it is stored already
function M.join(book, number, answer)
  local name = book.putting[number]
  if not name then return false end
  local answers = find(book.queues[name], number).answers
  if #answers < limits.puts_of_one then answers[#answers + 1] = answer end
  return true
end

--- The store has answered. Messages become ready, and their senders get to know, in the order of
-- their numbers: those that are first now and have their outcome.
---@param outcome string "stored", or why not
---@return gateway.Queue? queue, gateway.Put[] settled
function M.settle(book, number, outcome)
  local settled = {}
  local name = book.putting[number]
  if not name then return nil, settled end
  local queue = book.queues[name]
  find(queue, number).outcome = outcome
  while queue.puts.last >= queue.puts.first and fifo.peek(queue.puts).outcome do
    local put = fifo.pop(queue.puts)
    settled[#settled + 1] = put
    book.putting[put.number] = nil
    if put.outcome == "stored" then
      fifo.push(queue.ready, put.number)
      queue.totals.stored = queue.totals.stored + 1
    else
      -- The store may have kept it in spite of what it said.
      M.forget(book, queue, put.number)
      if put.id then ids.forget(book, name, put.id) end
    end
  end
  return queue, settled
end

--- A put that has waited too long for the store.
---@return integer? number
function M.late_put(queue, now)
  local put = fifo.peek(queue.puts)
  if put and put.since + limits.put_ms <= now then return put.number end
end

--- Takes up a message that the store has kept. They come in the order of their numbers.
function M.restore(book, name, number, size)
  local queue = M.open(book, name)
  count_in(book, queue, number, size)
  fifo.push(queue.ready, number)
end

-- MARK: Going

--- A message is gone for good.
function M.forget(book, queue, number)
  chores.forget(book, number, count_out(book, queue, number), queue.name)
  M.close_if_idle(book, queue)
end

--- A message is a dead letter now; the oldest ones give way.
---@return gateway.Queue grave where it is
function M.bury(book, queue, number)
  local size = count_out(book, queue, number)
  local grave = M.open(book, queue.name .. M.DEAD)
  count_in(book, grave, number, size)
  M.put_back(grave, number)
  grave.totals.stored = grave.totals.stored + 1
  chores.move(book, number, size, queue.name, grave.name)
  if grave.messages > limits.dead then
    local oldest = M.first(grave)
    M.take_first(grave)
    M.forget(book, grave, oldest)
  end
  M.close_if_idle(book, queue)
  return grave
end

return M
