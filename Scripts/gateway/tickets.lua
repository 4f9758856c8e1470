--- Tickets: who has identified itself over HTTP opens its socket with one. A ticket is good for
-- thirty seconds, and once.

local nightjar = require "nightjar"
local kept = require "lib.kept"
local limits = require "limits"

local M = {}

-- Ticket → who it is for, and until when.
---@type table<string, {name: string, service: string, ends: integer}>
local tickets = kept("tickets")

local count = 0

--- Forgets the tickets that are too old.
function M.sweep()
  local now = nightjar.now()
  count = 0
  for ticket, holder in pairs(tickets) do
    if now >= holder.ends then tickets[ticket] = nil else count = count + 1 end
  end
end

M.restore = M.sweep

--- Makes a ticket.
---@param name string
---@param service string
---@return string? ticket nil if there are too many
function M.issue(name, service)
  if count >= limits.tickets then M.sweep() end
  if count >= limits.tickets then return nil end
  local ticket = nightjar.crypto.base64url(nightjar.random.bytes(24))
  tickets[ticket] = { name = name, service = service, ends = nightjar.now() + limits.ticket_ms }
  count = count + 1
  return ticket
end

--- Takes a ticket; it is worth nothing afterwards.
---@param ticket? string
---@return {name: string, service: string}? holder nil if it is unknown, used or too old
function M.redeem(ticket)
  local holder = ticket and tickets[ticket]
  if not holder then return nil end
  tickets[ticket] = nil
  count = count - 1
  if nightjar.now() >= holder.ends then return nil end
  return holder
end

return M
