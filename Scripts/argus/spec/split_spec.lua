-- Parts of a broadcast.

local bounds = require "bounds"
local equal = require("lib.testing").equal
local random = require("lib.testing").random
local split = require "split"

local T = {}

-- The pieces behind the headers, whose numbers are checked.
local function pieces(parts, nonce)
  local result = {}
  for i, part in ipairs(parts) do
    local its_nonce, index, count, piece = part:match "^%*(%d+)%*(%d+)%*(%d+)%*(.*)$"
    equal({ its_nonce, index, count }, { tostring(nonce), tostring(i - 1), tostring(#parts) })
    result[i] = piece
  end
  return result
end

local function sizes(text)
  local result = {}
  for i, piece in ipairs(pieces(assert(split.parts(text, 7)), 7)) do result[i] = #piece end
  return result
end

-- UTF-16 units of a text that is sound UTF-8.
local function units(text)
  local count = 0
  for _, code in utf8.codes(text) do count = count + (code > 0xFFFF and 2 or 1) end
  return count
end

function T.short_texts_are_one_part()
  equal(split.parts('{"a":1}', 2914023311), { '*2914023311*0*1*{"a":1}' })
  equal(split.parts("", 0), { "*0*0*1*" })
  equal(split.count "", 1)
end

function T.pieces_have_4076_units_and_the_last_one_what_is_left()
  equal(bounds.piece_units, math.floor(5120 * 0.8) - 20)
  equal(sizes(("x"):rep(4076)), { 4076 })
  equal(sizes(("x"):rep(4077)), { 4076, 1 })
  equal(sizes(("x"):rep(3 * 4076)), { 4076, 4076, 4076 })
  equal(sizes(("x"):rep(10000)), { 4076, 4076, 1848 })
  equal(split.count(("x"):rep(10000)), 3)
end

function T.accents_count_as_one_unit()
  equal(sizes("é" .. ("x"):rep(4075) .. "y"), { 4077, 1 })
  equal(sizes(("x"):rep(4075) .. "éy"), { 4077, 1 })
end

function T.no_character_is_cut()
  -- A pair of units that would be cut goes to the next piece.
  equal(sizes(("x"):rep(4075) .. "😀y"), { 4075, 5 })
  equal(sizes(("x"):rep(4074) .. "😀y"), { 4078, 1 })
end

function T.bytes_are_bounded_too()
  -- 1,700 of these are 5,100 bytes.
  equal(sizes(("漢"):rep(4000)), { 5100, 5100, 1800 })
  equal(sizes(("😀"):rep(2000)), { 5100, 2900 })
end

function T.bytes_that_are_no_text_count_as_what_they_become()
  equal(sizes(("\255"):rep(3400)), { 1700, 1700 })
  equal(sizes("\xE6\xBC" .. ("x"):rep(4074)), { 4076 })
end

function T.more_parts_than_a_header_can_count_are_refused()
  local kept = bounds.parts
  bounds.parts = 3
  local parts, code = split.parts(("x"):rep(3 * bounds.piece_units + 1), 7)
  bounds.parts = kept
  equal({ parts == nil, code }, { true, "too_many_parts" })
end

function T.any_text_comes_back_whole_and_in_bounds()
  local generator = random(4076)
  local pools = {
    { "x", '"', "*" }, { "x", "é", "ü" }, { "漢", "字" }, { "😀", "x" }, { "x", "é", "漢", "😀" },
    { "x", "\255", "\xC3", "\xE6\xBC", "\xF0\x9F", "é", "\xED\xA0\x80", "\xC0\x80" },
  }
  for round = 1, 6 do
    local pool, text = pools[(round - 1) % #pools + 1], {}
    -- Runs of one kind, as texts have them.
    while #text < 20 do text[#text + 1] = generator:pick(pool):rep(generator:integer(1, 250)) end
    local whole = table.concat(text, nil, 1, generator:integer(14, 20))
    local nonce = generator:integer(0, 4294967295)
    local parts = assert(split.parts(whole, nonce))
    equal(#parts, split.count(whole))
    equal(table.concat(pieces(parts, nonce)), whole)
    for _, part in ipairs(parts) do
      local piece = part:match "^%*%d+%*%d+%*%d+%*(.*)$"
      assert(#part - #piece <= bounds.header_bytes)
      assert(#part <= bounds.part_bytes)
      if utf8.len(whole) then
        assert(utf8.len(piece), "a character was cut")
        assert(units(piece) <= 4076)
        assert(piece ~= "")
      end
    end
  end
end

return T
