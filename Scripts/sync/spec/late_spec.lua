local late = require "late"

local T = {}

local function new() return { bytes = 0, pushes = {} } end

--- Session numbers from the oldest to the newest push, checked in both directions.
local function order(book)
  local forward, number, before = {}, book.oldest, nil
  while number do
    forward[#forward + 1] = number
    assert(book.pushes[number].older == before)
    before, number = number, book.pushes[number].newer
  end
  assert(book.newest == before)
  return table.concat(forward, " ")
end

function T.the_last_push_is_kept()
  local book = new()
  late.keep(book, 1, 7, "one")
  late.keep(book, 1, 7, "three")
  assert(late.text(book, 1) == "three" and book.bytes == 5 and order(book) == "1")
end

function T.keeping_makes_a_push_the_newest()
  local book = new()
  for _, number in ipairs { 1, 2, 3, 1, 2 } do late.keep(book, number, 7, "text") end
  assert(order(book) == "3 1 2" and book.bytes == 12)
end

function T.forgetting_closes_the_gap()
  for gone = 1, 3 do
    local book = new()
    for number = 1, 3 do late.keep(book, number, 7, "text") end
    late.forget(book, gone)
    late.forget(book, gone)
    assert(order(book) == ({ "2 3", "1 3", "1 2" })[gone] and book.bytes == 8)
    assert(late.text(book, gone) == nil)
  end
end

function T.only_the_sender_takes_its_push_along()
  local book = new()
  late.keep(book, 1, 7, "text")
  late.forget_from(book, 1, 8)
  assert(late.text(book, 1) == "text")
  late.forget_from(book, 1, 7)
  assert(late.text(book, 1) == nil and book.bytes == 0)
end

function T.the_oldest_go_when_there_are_too_many_bytes()
  local book = new()
  local quarter = ("x"):rep(late.BYTES_MAX // 4)
  for number = 1, 4 do late.keep(book, number, 7, quarter) end
  assert(order(book) == "1 2 3 4")
  late.keep(book, 5, 7, "x")
  assert(order(book) == "2 3 4 5" and book.bytes <= late.BYTES_MAX)
  late.keep(book, 2, 7, quarter .. quarter)
  assert(order(book) == "5 2" or order(book) == "4 5 2")
  assert(book.bytes <= late.BYTES_MAX)
end

function T.a_push_above_the_bound_is_not_kept()
  local book = new()
  late.keep(book, 1, 7, ("x"):rep(late.BYTES_MAX + 1))
  assert(book.bytes == 0 and order(book) == "")
end

return T
