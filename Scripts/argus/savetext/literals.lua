--- Numbers and texts of Lua table text.

local M = {}

local ESCAPES = {
  a = "\a", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", v = "\v",
  ["\\"] = "\\", ['"'] = '"', ["'"] = "'", ["\n"] = "\n",
}

-- What Lua's own writers print for numbers that have no digits.
local WORDS = {
  { "^1%s*/%s*0%f[^%d]()", math.huge }, { "^math%.huge%f[^%w_]()", math.huge },
  { "^0%s*/%s*0%f[^%d]()", 0 / 0 }, { "^%(%s*0%s*/%s*0%s*%)()", 0 / 0 },
}

local function number_of(text, at)
  -- Nearly all numbers are plain.
  local plain, behind = text:match("^(%-?%d+)()[,;}%]\n]", at)
  if plain then return tonumber(plain), behind end
  local sign, start = text:match("^(%-?)%s*()", at)
  for _, word in ipairs(WORDS) do
    local last = text:match(word[1], start)
    if last then return sign == "-" and -word[2] or word[2], last end
  end
  if not text:find("^%.?%d", start) then return nil end
  -- As long as it may be part of a number, an exponent's sign too.
  local last = text:match("^0[xX][%x%.]*[pP]?[+-]?%x*()", start)
    or text:match("^[%d%.]*[eE]?[+-]?%d*()", start)
  local digits = text:sub(start, last - 1)
  local number = tonumber(digits)
  if not number or text:find("^[%w_%.]", last) then return nil, start, "a number that is none" end
  return sign == "-" and -number or number, last
end

-- The character after a backslash at `at`, and where to read on; nil if there is no such escape.
local function escape_of(text, at)
  local byte = text:sub(at, at)
  if ESCAPES[byte] then return ESCAPES[byte], at + 1 end
  if byte == "z" then return "", text:match("^z%s*()", at) end
  local hex, after_hex = text:match("^x(%x%x)()", at)
  if hex then return string.char(tonumber(hex, 16)), after_hex end
  local code, after_code = text:match("^u{(%x%x?%x?%x?%x?%x?)}()", at)
  if code and tonumber(code, 16) <= 0x10FFFF then
    return utf8.char(tonumber(code, 16)), after_code
  end
  local digits, after_digits = text:match("^(%d%d?%d?)()", at)
  if digits and tonumber(digits) <= 255 then
    return string.char(tonumber(digits)), after_digits
  end
  return nil
end

-- A text without escapes, and what ends a piece of one that has some.
local PLAIN = { ['"'] = '^"([^"\\\n]*)"()', ["'"] = "^'([^'\\\n]*)'()" }
local SPECIAL = { ['"'] = '["\\\n]', ["'"] = "['\\\n]" }

local function quoted_of(text, at, quote, escapes_max)
  local plain, behind = text:match(PLAIN[quote], at)
  if plain then return plain, behind end
  local special = SPECIAL[quote]
  local pieces, from, escapes = {}, at + 1, 0
  while true do
    local stop = text:find(special, from)
    if not stop then return nil, at, "a text that does not end" end
    pieces[#pieces + 1] = text:sub(from, stop - 1)
    local byte = text:sub(stop, stop)
    if byte == quote then return table.concat(pieces), stop + 1, nil, escapes end
    if byte == "\n" then return nil, at, "a text that does not end in its line" end
    escapes = escapes + 1
    if escapes > escapes_max then return nil, stop, nil, escapes end
    local character, after = escape_of(text, stop + 1)
    if not character then return nil, stop, "an escape that Lua does not have" end
    pieces[#pieces + 1], from = character, after
  end
end

local function bracketed_of(text, at, level)
  local start = at + #level + 2
  local stop, last = text:find("]" .. level .. "]", start, true)
  if not stop then return nil, at, "a text that does not end" end
  -- A line feed right behind the bracket is no part of the text.
  return (text:sub(start, stop - 1):gsub("^\r?\n", "")), last + 1
end

--- The number or text at a place.
---@param text string
---@param at integer
---@param escapes_max integer
---@return any value
---@return integer? next_at where to read on, or where the problem is; nil if there is neither
---@return string? problem
---@return integer? escapes how many the text has; counting ends behind `escapes_max`
function M.read(text, at, escapes_max)
  local byte = text:sub(at, at)
  if PLAIN[byte] then return quoted_of(text, at, byte, escapes_max) end
  local level = byte == "[" and text:match("^%[(=*)%[", at)
  if level then return bracketed_of(text, at, level) end
  return number_of(text, at)
end

return M
