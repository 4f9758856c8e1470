-- The book of unknown traits.

local bounds = require "bounds"
local equal = require("lib.testing").equal
local unknown = require "unknown"

local T = {}

function T.counts_times_and_the_last_example()
  local book = unknown.new()
  unknown.note(book, { Name = "NewBoon", Rarity = "Common" }, 10)
  unknown.note(book, { Name = "OtherBoon" }, 15)
  unknown.note(book, { Name = "NewBoon", Rarity = "Epic", StackNum = 2, Big = { 1 }, Slot = { 2 } }, 20)
  equal(unknown.list(book), {
    { name = "NewBoon", count = 2, first = 10, last = 20,
      example = { Name = "NewBoon", Rarity = "Epic", StackNum = 2 } },
    { name = "OtherBoon", count = 1, first = 15, last = 15, example = { Name = "OtherBoon" } },
  })
end

function T.what_has_no_code_name_is_not_written_down()
  local book = unknown.new()
  for _, odd in ipairs { 7, "x", {}, { Name = 7 }, { Name = "a b" }, { Name = ("x"):rep(65) }, true } do
    unknown.note(book, odd, 1)
  end
  unknown.note(book, nil, 1)
  equal(unknown.list(book), {})
  equal(book.size, 0)
end

function T.the_rarest_make_room_and_the_frequent_stay()
  local book = unknown.new()
  for _ = 1, 3 do unknown.note(book, { Name = "Frequent" }, 0) end
  for i = 1, bounds.unknown_names + 50 do unknown.note(book, { Name = "Junk" .. i }, i) end
  local list = unknown.list(book)
  equal({ #list, book.size, book.dropped }, { bounds.unknown_names, bounds.unknown_names, 51 })
  equal(list[1].name, "Frequent")
  equal(book.traits.Junk51, nil)
  assert(book.traits.Junk52)
end

function T.what_is_known_by_now_is_taken_out()
  local book = unknown.new()
  unknown.note(book, { Name = "OldBoon", Slot = "Spell" }, 1)
  unknown.note(book, { Name = "NewBoon" }, 2)
  unknown.forget(book, function(example) return example.Slot == "Spell" end)
  equal(unknown.list(book), {
    { name = "NewBoon", count = 1, first = 2, last = 2, example = { Name = "NewBoon" } },
  })
  equal(book.size, 1)
end

return T
