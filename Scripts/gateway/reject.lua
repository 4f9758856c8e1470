--- REJECT, the gateway's only "no". The code says what is wrong; some codes end the connection.
--
-- Codes and close codes are in docs/gateway.md.

local clients = require "clients"
local envelope = require "envelope"
local limits = require "limits"

local M = {}

-- Close codes follow the numbers of Discord's gateway; 4012 is our own.
M.CLOSE_DECODE_ERROR = 4002
M.CLOSE_NOT_IDENTIFIED = 4003
M.CLOSE_GOING_AWAY = 1001

-- Codes that end a connection when its IDENTIFY is refused with them.
local close_codes = {
  not_identified = M.CLOSE_NOT_IDENTIFIED,
  invalid = M.CLOSE_DECODE_ERROR,
  bad_token = 4004,
  already_connected = 4005,
  not_accepting = 4012,
}

--- The members of a REJECT.
---@param code string what is wrong, for programs
---@param reason? string what is wrong, for people
---@param fields? table further members
---@return table d
function M.fields(code, reason, fields)
  local d = fields or {}
  d.opcode, d.code, d.reason = 2, code, reason
  return d
end

--- Sends a REJECT; the connection stays.
---@param conn nightjar.Connection
---@param code string
---@param reason? string
---@param fields? table further members of `d`
function M.send(conn, code, reason, fields)
  envelope.send_op(conn, M.fields(code, reason, fields))
end

--- Sends a REJECT and ends the connection with the close code that belongs to it.
---@param conn nightjar.Connection
---@param code string
---@param reason? string
function M.close(conn, code, reason)
  M.send(conn, code, reason)
  clients.dismiss(clients.by_conn[conn], close_codes[code], code)
end

--- Answers a message that cannot be read. With the third one in a row the connection ends.
---@param client gateway.Client
---@param problem? string
function M.malformed(client, problem)
  client.errors = client.errors + 1
  M.send(clients.conn_of[client], "decode_error", problem)
  if client.errors >= limits.decode_errors then
    clients.dismiss(client, M.CLOSE_DECODE_ERROR, "decode_error")
  end
end

return M
