--- Cuts a text into the parts that Twitch takes, each with a header: `*NONCE*INDEX*COUNT*piece`.
-- Pieces are 4,076 UTF-16 units long, as viewers' pages count; a piece ends earlier where a
-- character would be cut, or where its bytes would be too many.

local bounds = require "bounds"

local M = {}

local PIECE_BYTES = bounds.part_bytes - bounds.header_bytes

-- UTF-8 characters by their first byte: how many bytes they have. What is not among them is counted
-- as a byte that nobody can read, which becomes the three of U+FFFD on its way.
local function length_of(text, at)
  local first = text:byte(at)
  if first < 0xC2 or first > 0xF4 then return 1, 3, 1 end
  local bytes = first < 0xE0 and 2 or first < 0xF0 and 3 or 4
  if not utf8.len(text, at, at) then return 1, 3, 1 end
  return bytes, bytes, bytes == 4 and 2 or 1
end

-- Where the piece that starts at `start` ends, and where the next character outside of ASCII is.
local function piece_end(text, start, odd)
  local at, bytes, units = start, 0, 0
  while at <= #text do
    -- A run of ASCII is one step.
    local plain = math.min((odd or #text + 1) - at, bounds.piece_units - units, PIECE_BYTES - bytes)
    at, bytes, units = at + plain, bytes + plain, units + plain
    if at ~= odd then break end
    local step, more_bytes, more_units = length_of(text, at)
    if bytes + more_bytes > PIECE_BYTES or units + more_units > bounds.piece_units then break end
    at, bytes, units = at + step, bytes + more_bytes, units + more_units
    odd = text:find("[\128-\255]", at)
  end
  return at - 1, odd
end

-- First and last byte of every piece; nil if there are too many.
local function pieces_of(text)
  local ends, start, odd = {}, 1, text:find("[\128-\255]")
  repeat
    if #ends == bounds.parts then return nil end
    local last
    last, odd = piece_end(text, start, odd)
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
