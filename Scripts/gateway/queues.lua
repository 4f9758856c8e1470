--- Named queues: messages that wait until somebody has done them.
--
-- A message is on disk before its sender is told so, and stays there until a subscriber has
-- acknowledged it. Which messages there are, and who holds which: queues/book.lua and
-- queues/holders.lua. What is on disk: queues/disk.lua. Handing out: queues/work.lua.

local nightjar = require "nightjar"
local bookkeeping = require "queues.book"
local disk = require "queues.disk"
local fifo = require "queues.fifo"
local holders = require "queues.holders"
local ids = require "queues.ids"
local limits = require "queues.limits"
local reject = require "reject"
local ticker = require "lib.ticker"
local work = require "queues.work"

local M = {}

local LOADED = "gateway.queues.loaded"
local SETTLED = "gateway.queues.settled"
local UNAVAILABLE = "the queues are not ready yet; try again"

local book = work.book

-- Looks at time-outs, see the end of the file.
local looking ---@type lib.Ticker

-- Whether the book knows what the store has kept. Waits for that after a start.
local function ready()
  if book.loaded then return true end
  nightjar.event.wait(LOADED, limits.start_seconds)
  return book.loaded and work.is_live()
end

-- MARK: Putting

local function stored(to, name, number, answer, duplicate)
  work.tell(to, {
    opcode = 21, queue = name, message = tostring(number), id = answer.id, topic = answer.topic,
    duplicate = duplicate,
  })
end

-- The store has answered: the senders get to know.
local function settle(number, outcome)
  local queue, settled = bookkeeping.settle(book, number, outcome)
  if not queue then return end
  for _, put in ipairs(settled) do
    if put.outcome ~= "stored" then work.take_body(put.number) end
    for index, answer in ipairs(put.answers) do
      if put.outcome == "stored" then
        stored(answer.to, queue.name, put.number, answer, index > 1 or nil)
      else
        local d = { op = 20, queue = queue.name, id = answer.id, topic = answer.topic }
        work.tell(answer.to, reject.fields("queue_unavailable", "it could not be stored", d))
      end
    end
  end
  work.go_on { [queue.name] = true }
end

-- From a generation before this one that was still waiting for the store.
nightjar.subscribe(SETTLED, function(result) settle(result.number, result.outcome) end)

-- Puts that are being stored: of each connection, of all.
local puts_of, puts = {}, 0

local function store(to, number, changes)
  puts, puts_of[to] = puts + 1, (puts_of[to] or 0) + 1
  local done, problem = disk.write(changes)
  puts, puts_of[to] = puts - 1, puts_of[to] > 1 and puts_of[to] - 1 or nil
  if not done then nightjar.log.warn("a message cannot be stored", { problem = problem }) end
  local outcome = done and "stored" or "failed"
  if work.is_live() then
    settle(number, outcome)
  else
    nightjar.publish(SETTLED, { number = number, outcome = outcome })
  end
end

---@class gateway.Message
---@field queue string
---@field s? string who says it
---@field t string topic
---@field d string payload, JSON text
---@field id? string the sender's own

--- Puts a message into a queue. QUEUE_STORED follows when it is on disk. Waits only if the sender
-- has very many under way.
---@param to integer the sender's connection
---@param message gateway.Message
---@param topic? string repeated in the answer
---@return string? code, string? reason why it is not taken
function M.put(to, message, topic)
  if not ready() then return "queue_unavailable", UNAVAILABLE end
  local name, id = message.queue, message.id
  local answer = { to = to, id = id, topic = topic }
  local known = id and ids.number_of(book, name, id)
  if known then
    if not bookkeeping.join(book, known, answer) then stored(to, name, known, answer, true) end
    return
  end
  local size = #message.d + #message.t + #(message.s or "") + #(id or "")
  if size > limits.message_bytes then
    return "too_large", "a message has at most " .. limits.message_bytes .. " bytes"
  end
  local code, reason = bookkeeping.refusal(book, name, size)
  if code then return code, reason end
  local number = bookkeeping.reserve(book, name, size, id, answer, nightjar.now())
  looking:wake()
  local forgotten = id and ids.remember(book, ids.key(name, id), number)
  local body = { s = message.s, t = message.t, d = message.d, id = id }
  work.keep_body(number, body, size)
  local changes = disk.put(name, number, size, body, forgotten)
  if puts < limits.puts_of_all and (puts_of[to] or 0) < limits.puts_of_one then
    nightjar.spawn(store, to, number, changes)
  else
    store(to, number, changes)
  end
end

-- MARK: Subscribing

--- Lets a connection have messages.
---@param to integer connection
---@param name string
---@param prefetch integer
---@param timeout integer milliseconds
---@return integer? messages how many there are; nil if it may not
---@return string? code, string? reason
function M.subscribe(to, name, prefetch, timeout)
  if not ready() then return nil, "queue_unavailable", UNAVAILABLE end
  local code, reason = holders.subscribe(book, name, to, prefetch, timeout)
  if code then return nil, code, reason end
  looking:wake()
  work.go_on { [name] = true }
  return book.queues[name].messages
end

--- Lets a connection have no more messages of a queue. It keeps those that it holds.
---@param to integer connection
---@param name string
---@return integer messages how many there are
function M.unsubscribe(to, name)
  holders.unsubscribe(book, name, to)
  return book.queues[name] and book.queues[name].messages or 0
end

--- A message is done.
---@param to integer connection
---@param number integer?
---@return boolean held false: this connection does not hold it
function M.ack(to, number)
  local queue = holders.queue_of(book, to, number)
  if not queue then return false end
  holders.ack(book, queue, number)
  work.go_on { [queue.name] = true }
  return true
end

--- A message comes back.
---@param to integer connection
---@param number integer?
---@param delay? integer milliseconds until it is handed out again
---@param give_up? boolean it is a dead letter
---@return boolean held false: this connection does not hold it
function M.give_back(to, number, delay, give_up)
  local queue = holders.queue_of(book, to, number)
  if not queue then return false end
  local now_in = holders.give_back(book, queue, number, nightjar.now(), delay, give_up)
  work.go_on { [queue.name] = true, [now_in.name] = true }
  return true
end

--- A connection is gone; all it held comes back.
---@param to integer
function M.leave(to)
  work.go_on(holders.leave(book, to, nightjar.now()))
end

-- MARK: Time

local loading = false

-- Learns what the store has kept. If it fails, the next sweep tries again.
local function load()
  if loading then return end
  loading = true
  local fresh, problem = disk.load()
  loading = false
  if not work.is_live() then return end
  if not fresh then return nightjar.log.warn("queues cannot be read", { problem = problem }) end
  for key, value in pairs(fresh) do book[key] = value end
  book.loaded = true
  nightjar.event.notify(LOADED)
end

-- Looks at all queues; true while there are any, or what the store has kept is not known.
local function sweep()
  if not book.loaded then
    load()
    return true
  end
  local now, touched = nightjar.now(), {}
  -- Sweeping may open and close queues.
  local queues = {}
  for _, queue in pairs(book.queues) do queues[#queues + 1] = queue end
  for _, queue in ipairs(queues) do
    touched[queue.name] = true
    for name in pairs(holders.sweep(book, queue, now) or {}) do touched[name] = true end
    local late = bookkeeping.late_put(queue, now)
    if late then settle(late, "late") end
  end
  work.go_on(touched)
  nightjar.metrics.gauge("gateway.queued"):set(book.messages)
  return next(book.queues) ~= nil
end

looking = ticker.start("gateway.queues", {
  often = limits.sweep_seconds, seldom = limits.idle_sweep_seconds,
}, sweep)

--- At start, and after each change of a script: goes on with what was under way.
function M.resume()
  nightjar.spawn(sweep)
end

--- What the statistics say about the queues, by name. Queues of dead letters are among them.
---@return table<string, table>
function M.stats()
  local all = {}
  for name, queue in pairs(book.queues) do
    local grave = book.queues[name .. bookkeeping.DEAD]
    local delayed, storing = 0, fifo.count(queue.puts)
    for _ in pairs(queue.delayed) do delayed = delayed + 1 end
    all[name] = {
      ready = queue.messages - queue.unacked - delayed - storing,
      unacked = queue.unacked, delayed = delayed, storing = storing,
      dead = grave and grave.messages or 0, bytes = queue.bytes, consumers = #queue.turns,
      stored = queue.totals.stored, delivered = queue.totals.delivered,
      acked = queue.totals.acked, redelivered = queue.totals.redelivered,
    }
  end
  return all
end

return M
