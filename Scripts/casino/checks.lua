--- How many questions to another service may be under way at the same time: in all, and of one
-- address.
--
-- Whoever opens a connection has something asked for him before he has proved anything: whose a
-- token is, which site a name stands for. While the service is slow, each of these questions holds
-- one of the requests that this package may have under way, for up to half a minute; without a
-- bound one machine could take all of them, and nobody else would come in. Who is refused is told
-- to come again, as clients do by themselves.

local held = require "lib.held"

local M = {}

-- In all: a quarter of the requests that a package may have under way, the rest are for the back
-- office.
M.ALL_MAX = 256

---@class casino.Checks
---@field open table<casino.Check, true>
---@field count integer
---@field counts table<string, integer> by address
---@field address_max integer
---@field all_max integer
local Checks = {}
Checks.__index = Checks

---@class casino.Check one question
---@field address string
---@field ends integer when its place is free at the latest, milliseconds since 1970

--- Behind a proxy on this machine everybody has its address, which says nothing of anybody.
local function is_here(address)
  return address == "" or address == "unix" or address == "::1"
    or address:find("^127%.") ~= nil or address:find("^::ffff:127%.") ~= nil
end

--- Takes a place.
---@param address string the client's
---@param now integer milliseconds since 1970
---@return casino.Check? check to be given to `leave`; nil: there is no place
function Checks:enter(address, now)
  if not self:has_place(address) then
    for check in pairs(self.open) do
      if check.ends <= now then self:leave(check) end
    end
    if not self:has_place(address) then return nil end
  end
  -- With its handler a question is ended; its place is free then, too.
  local check = { address = address, ends = now + held.MAX_MS }
  self.open[check] = true
  self.count = self.count + 1
  self.counts[address] = (self.counts[address] or 0) + 1
  return check
end

function Checks:has_place(address)
  if self.count >= self.all_max then return false end
  return is_here(address) or (self.counts[address] or 0) < self.address_max
end

--- Gives a place back.
---@param check casino.Check
function Checks:leave(check)
  if not self.open[check] then return end
  self.open[check] = nil
  self.count = self.count - 1
  local left = self.counts[check.address] - 1
  self.counts[check.address] = left > 0 and left or nil
end

--- The places for the questions to one service.
---@param address_max integer of one address at the same time
---@param all_max? integer in all, `ALL_MAX` if nobody says
---@return casino.Checks
function M.new(address_max, all_max)
  return setmetatable({
    open = {}, count = 0, counts = {}, address_max = address_max, all_max = all_max or M.ALL_MAX,
  }, Checks)
end

return M
