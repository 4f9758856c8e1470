--- Who gets messages of a queue, and who holds which. A message has one holder at a time: until it
-- is acknowledged, given back or overdue, or its holder is gone.

local bookkeeping = require "queues.book"
local chores = require "queues.chores"
local limits = require "queues.limits"

local M = {}

---@class gateway.Consumer somebody who gets messages of a queue
---@field prefetch integer how many it may hold; 0: it gets no more
---@field timeout integer how long it may hold one, milliseconds
---@field held integer how many it holds

---@class gateway.Hold
---@field to integer the holder's connection
---@field due integer when it is taken back, milliseconds since 1970

---@class gateway.Holder a connection that has subscribed to something
---@field queues table<string, true>
---@field held table<integer, string> number → queue

-- MARK: Subscribers

--- Lets a connection have messages of a queue; again: with other numbers.
---@param book gateway.Book
---@param to integer connection
---@return string? code, string? reason why not
function M.subscribe(book, name, to, prefetch, timeout)
  local code, reason = bookkeeping.no_room_for(book, name)
  if code then return code, reason end
  local queue = bookkeeping.open(book, name)
  local consumer = queue.consumers[to]
  if not consumer then
    if #queue.turns >= limits.consumers then
      return "too_many_subscribers", name .. " has " .. #queue.turns .. " subscribers already"
    end
    consumer = { held = 0 }
    queue.consumers[to] = consumer
    queue.turns[#queue.turns + 1] = to
    local holder = book.holders[to] or { held = {}, queues = {} }
    book.holders[to] = holder
    holder.queues[name] = true
  end
  consumer.prefetch, consumer.timeout = prefetch, timeout
end

-- Strikes out a consumer that holds nothing.
local function remove(book, queue, to)
  queue.consumers[to] = nil
  for index, id in ipairs(queue.turns) do
    if id == to then
      table.remove(queue.turns, index)
      if index <= queue.turn then queue.turn = queue.turn - 1 end
      break
    end
  end
  local holder = book.holders[to]
  holder.queues[queue.name] = nil
  if not next(holder.queues) then book.holders[to] = nil end
  bookkeeping.close_if_idle(book, queue)
end

--- A connection gets no more messages of a queue. What it holds it may still acknowledge.
---@param book gateway.Book
---@param to integer connection
function M.unsubscribe(book, name, to)
  local queue = book.queues[name]
  local consumer = queue and queue.consumers[to]
  if not consumer then return end
  consumer.prefetch = 0
  if consumer.held == 0 then remove(book, queue, to) end
end

-- MARK: Handing out

--- What is to be handed out next.
---@param queue gateway.Queue
---@return integer? number nil if there is nothing, or nobody has room
---@return integer? turn index of the one who gets it
function M.next(queue)
  local number = bookkeeping.first(queue)
  if not number then return nil end
  local turns, turn = queue.turns, queue.turn
  for _ = 1, #turns do
    turn = turn % #turns + 1
    local consumer = queue.consumers[turns[turn]]
    if consumer.held < consumer.prefetch then return number, turn end
  end
end

--- Hands out what `next` has found.
---@param book gateway.Book
---@param queue gateway.Queue
---@return integer to connection, integer attempt 1 for the first time
function M.hold(book, queue, number, turn, now)
  bookkeeping.take_first(queue)
  local to = queue.turns[turn]
  local consumer = queue.consumers[to]
  local due = now + consumer.timeout
  queue.turn = turn
  consumer.held = consumer.held + 1
  queue.held[number] = { to = to, due = due }
  queue.unacked = queue.unacked + 1
  queue.due = math.min(queue.due, due)
  book.holders[to].held[number] = queue.name
  local attempt = (queue.failed[number] or 0) + 1
  local totals = queue.totals
  totals.delivered = totals.delivered + 1
  if attempt > 1 then totals.redelivered = totals.redelivered + 1 end
  return to, attempt
end

-- MARK: Letting go

--- The queue of a message that this connection holds; nil if it does not.
---@param book gateway.Book
---@return gateway.Queue?
function M.queue_of(book, to, number)
  local holder = book.holders[to]
  local name = holder and holder.held[number]
  return name and book.queues[name]
end

-- Ends a hold.
local function release(book, queue, number)
  local to = queue.held[number].to
  local consumer = queue.consumers[to]
  queue.held[number] = nil
  queue.unacked = queue.unacked - 1
  book.holders[to].held[number] = nil
  consumer.held = consumer.held - 1
  if consumer.prefetch == 0 and consumer.held == 0 then remove(book, queue, to) end
end

--- The holder is done with a message: it is gone for good.
---@param book gateway.Book
---@param queue gateway.Queue
function M.ack(book, queue, number)
  release(book, queue, number)
  queue.totals.acked = queue.totals.acked + 1
  bookkeeping.forget(book, queue, number)
end

--- A message comes back from its holder; after too many times it is a dead letter.
---@param book gateway.Book
---@param queue gateway.Queue
---@param delay? integer milliseconds until it is handed out again
---@param give_up? boolean it is a dead letter now
---@return gateway.Queue queue where it is: its own, or that of the dead letters
function M.give_back(book, queue, number, now, delay, give_up)
  release(book, queue, number)
  local failed = (queue.failed[number] or 0) + 1
  if not queue.dead and (give_up or failed >= limits.attempts) then
    return bookkeeping.bury(book, queue, number)
  end
  queue.failed[number] = failed
  chores.failed(book, number, failed)
  if delay and delay > 0 then
    queue.delayed[number] = now + delay
    queue.due = math.min(queue.due, now + delay)
  else
    bookkeeping.put_back(queue, number)
  end
  return queue
end

--- Takes back what is overdue and ends delays.
---@param book gateway.Book
---@param queue gateway.Queue
---@return table<string, true>? touched queues that have got something; nil if nothing was due
function M.sweep(book, queue, now)
  if now < queue.due then return nil end
  local touched, late, due = { [queue.name] = true }, {}, bookkeeping.NEVER
  for number, moment in pairs(queue.delayed) do
    if moment <= now then late[#late + 1] = number else due = math.min(due, moment) end
  end
  for _, number in ipairs(late) do
    queue.delayed[number] = nil
    bookkeeping.put_back(queue, number)
  end
  late = {}
  for number, hold in pairs(queue.held) do
    if hold.due <= now then late[#late + 1] = number else due = math.min(due, hold.due) end
  end
  queue.due = due
  for _, number in ipairs(late) do touched[M.give_back(book, queue, number, now).name] = true end
  return touched
end

--- A connection is gone: what it held comes back.
---@param book gateway.Book
---@param to integer connection
---@return table<string, true> touched queues that have got something
function M.leave(book, to, now)
  local touched = {}
  local holder = book.holders[to]
  if not holder then return touched end
  for name in pairs(holder.queues) do book.queues[name].consumers[to].prefetch = 0 end
  for number, name in pairs(holder.held) do
    touched[M.give_back(book, book.queues[name], number, now).name] = true
  end
  for name in pairs(holder.queues) do remove(book, book.queues[name], to) end
  return touched
end

return M
