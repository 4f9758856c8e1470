--- Names of players. They are for the log only.

local nightjar = require "nightjar"

local M = {}

--- Bytes of a name; the rest is cut off. The game allows about 20 letters, of up to 4 bytes.
M.BYTES_MAX = 80

local DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

local function group()
  local digits = {}
  for place = 1, 3 do
    local digit = nightjar.random.integer(1, #DIGITS)
    digits[place] = DIGITS:sub(digit, digit)
  end
  return table.concat(digits)
end

--- A name for a player who gave none, like `k3f.9zq`.
---@return string
function M.random()
  return group() .. "." .. group()
end

--- A name as it can be logged: on one line, not too long, no half letters.
---@param name any what a client sent
---@return string? name nil if it is none
function M.clean(name)
  if type(name) ~= "string" then return nil end
  name = name:gsub("%c", "")
  if #name > M.BYTES_MAX then
    local stop = M.BYTES_MAX
    -- Bytes 0x80 … 0xBF go on with a letter; cut before the letter that does not fit.
    while stop > 0 and name:byte(stop + 1) & 0xC0 == 0x80 do stop = stop - 1 end
    name = name:sub(1, stop)
  end
  if name == "" then return nil end
  return name
end

return M
