-- The bookkeeping of the queues: order, holders, dead letters.

local bookkeeping = require "queues.book"
local chores = require "queues.chores"
local fifo = require "queues.fifo"
local holders = require "queues.holders"
local ids = require "queues.ids"
local limits = require "queues.limits"

local T = {}

-- A book with a queue of messages that are all stored, and their numbers.
local function filled(count)
  local book, numbers = bookkeeping.new(), {}
  for index = 1, count do
    numbers[index] = bookkeeping.reserve(book, "q", 10, nil, { to = 1 }, 0)
    bookkeeping.settle(book, numbers[index], "stored")
  end
  return book, numbers, book.queues.q
end

local function hand_out(book, queue, now)
  local number, turn = holders.next(queue)
  if not turn then return nil end
  return number, holders.hold(book, queue, number, turn, now or 0)
end

function T.a_fifo_gives_back_what_it_got_in_order()
  local list = fifo.new()
  for round = 1, 3 do
    for value = 1, 5 do fifo.push(list, round * value) end
    assert(fifo.count(list) == 5 and fifo.peek(list) == round)
    for value = 1, 5 do assert(fifo.pop(list) == round * value) end
    assert(fifo.count(list) == 0 and fifo.pop(list) == nil)
  end
end

function T.messages_become_ready_in_the_order_of_their_numbers()
  local book = bookkeeping.new()
  local first = bookkeeping.reserve(book, "q", 1, nil, { to = 1 }, 0)
  local second = bookkeeping.reserve(book, "q", 1, nil, { to = 1 }, 0)
  local _, settled = bookkeeping.settle(book, second, "stored")
  assert(#settled == 0 and bookkeeping.first(book.queues.q) == nil)
  _, settled = bookkeeping.settle(book, first, "stored")
  assert(#settled == 2 and settled[1].number == first)
  assert(bookkeeping.first(book.queues.q) == first)
end

function T.a_put_that_failed_leaves_nothing_behind()
  local book = bookkeeping.new()
  local number = bookkeeping.reserve(book, "q", 7, "id", { to = 1 }, 0)
  ids.remember(book, ids.key("q", "id"), number)
  bookkeeping.settle(book, number, "failed")
  assert(book.messages == 0 and not book.queues.q and not ids.number_of(book, "q", "id"))
  local changes = chores.changes(book, limits.chores)
  assert(#changes == 4 and changes[1][1] == "delete", "whatever the store has kept is removed")
end

function T.what_comes_back_takes_its_old_place()
  local book, numbers, queue = filled(4)
  holders.subscribe(book, "q", 7, 3, 1000)
  for _ = 1, 3 do hand_out(book, queue) end
  assert(hand_out(book, queue) == nil, "the prefetch is used up")
  holders.give_back(book, queue, numbers[3], 0)
  holders.give_back(book, queue, numbers[1], 0)
  assert(hand_out(book, queue) == numbers[1] and hand_out(book, queue) == numbers[3])
end

function T.a_holder_who_is_late_loses_the_message()
  local book, numbers, queue = filled(1)
  holders.subscribe(book, "q", 7, 1, 1000)
  hand_out(book, queue, 500)
  assert(holders.sweep(book, queue, 1499) == nil and holders.queue_of(book, 7, numbers[1]))
  assert(holders.sweep(book, queue, 1500) and not holders.queue_of(book, 7, numbers[1]))
  local _, to, attempt = hand_out(book, queue, 1500)
  assert(to == 7 and attempt == 2)
end

function T.after_too_many_failures_it_is_a_dead_letter()
  local book, numbers, queue = filled(1)
  holders.subscribe(book, "q", 7, 1, 1000)
  for _ = 1, limits.attempts do
    assert(hand_out(book, queue) == numbers[1])
    holders.give_back(book, queue, numbers[1], 0)
  end
  assert(queue.messages == 0 and book.queues["q.dead"].messages == 1 and book.messages == 1)
end

function T.who_leaves_leaves_nothing_behind()
  local book, _, queue = filled(2)
  holders.subscribe(book, "q", 7, 5, 1000)
  hand_out(book, queue)
  hand_out(book, queue)
  holders.leave(book, 7, 0)
  assert(queue.unacked == 0 and #queue.turns == 0 and not next(book.holders))
  assert(#queue.returned == 2)
end

function T.a_queue_nobody_uses_is_forgotten()
  local book, numbers, queue = filled(1)
  holders.subscribe(book, "q", 7, 1, 1000)
  hand_out(book, queue)
  holders.unsubscribe(book, "q", 7)
  assert(book.queues.q, "a message is still held")
  holders.ack(book, queue, numbers[1])
  assert(not next(book.queues) and book.kinds == 0 and book.messages == 0 and not next(book.holders))
end

return T
