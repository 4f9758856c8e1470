--- Cuts a text into the parts that Twitch takes, each with a header: `*NONCE*INDEX*COUNT*piece`.
-- Pieces are 4,076 UTF-16 units long, as viewers' pages count; a piece ends earlier where a
-- character would be cut, or where its bytes would be too many.

local bounds = require "bounds"

local M = {}

local PIECE_BYTES = bounds.part_bytes - bounds.header_bytes

-- A character outside of ASCII: how many bytes it has in the text, how many on its way, and how
-- many UTF-16 units. What is no character is a byte that becomes the three of U+FFFD on its way.
local function measure(text, at)
  if not utf8.len(text, at, at) then return 1, 3, 1 end
  local first = text:byte(at)
  local bytes = first < 0xE0 and 2 or first < 0xF0 and 3 or 4
  return bytes, bytes, bytes == 4 and 2 or 1
end

-- Where the piece that starts at `start` ends.
local function piece_end(text, start)
  local plain = math.min(start + bounds.piece_units - 1, #text)
  -- As many characters as bytes: nothing but ASCII. This is most pieces.
  if utf8.len(text, start, plain) == plain - start + 1 then
    -- The last byte counts as the start of a character, which may have more.
    if (text:byte(plain) or 0) < 0x80 then return plain end
  end
  local at, bytes, units = start, 0, 0
  while at <= #text do
    -- A run of ASCII is one step.
    local run = text:match("^[\0-\127]*()", at) - at
    run = math.min(run, bounds.piece_units - units, PIECE_BYTES - bytes)
    at, bytes, units = at + run, bytes + run, units + run
    if at > #text or text:byte(at) < 0x80 then break end
    local step, more_bytes, more_units = measure(text, at)
    if bytes + more_bytes > PIECE_BYTES or units + more_units > bounds.piece_units then break end
    at, bytes, units = at + step, bytes + more_bytes, units + more_units
  end
  return at - 1
end

-- First and last byte of every piece; nil if there are too many.
local function pieces_of(text)
  local ends, start = {}, 1
  repeat
    if #ends == bounds.parts then return nil end
    local last = piece_end(text, start)
    ends[#ends + 1] = last
    start = last + 1
  until start > #text
  return ends
end

--- How many parts a text has; nil if it has more than a header can count.
---@param text string
---@return integer?
function M.count(text)
  local ends = pieces_of(text)
  return ends and #ends
end

--- The parts of a text.
---@param text string
---@param nonce integer from 0 to 2^32-1, another one for each text
---@return string[]? parts
---@return "too_many_parts"? code with nil
function M.parts(text, nonce)
  local ends = pieces_of(text)
  if not ends then return nil, "too_many_parts" end
  local parts, start = {}, 1
  for i, last in ipairs(ends) do
    parts[i] = ("*%d*%d*%d*%s"):format(nonce, i - 1, #ends, text:sub(start, last))
    start = last + 1
  end
  return parts
end

return M
