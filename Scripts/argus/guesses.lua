--- Wrong keys, tokens and tickets, counted so that the operator hears when somebody tries many.
--
-- Nobody is locked out. A view key has 128 bits and a token 64, so that ten thousand tries a second
-- find none in a lifetime; and behind a web server everybody comes from the same address, where a
-- lock would shut out those whose key is right.

local limits = require "limits"

local M = {}

-- What counts as a try, by the name of its figure.
local TRIES = { bad_tokens = true, overlays_refused = true, viewers_refused = true }

---@class argus.Guesses
---@field private warn fun(message: string, fields: table)
---@field private count integer since the last look
local Guesses = {}
Guesses.__index = Guesses

---@param warn fun(message: string, fields: table)
---@return argus.Guesses
function M.new(warn) return setmetatable({ warn = warn, count = 0 }, Guesses) end

--- Something was counted.
---@param figure string
---@param amount integer
function Guesses:counted(figure, amount)
  if TRIES[figure] then self.count = self.count + amount end
end

--- Tells what came since the last call, if it was much. Once a minute.
function Guesses:tell()
  if self.count >= limits.told_guesses then
    self.warn("many wrong keys, tokens or tickets in the last minute", { count = self.count })
  end
  self.count = 0
end

return M
