--- ACCEPT: the gateway knows the client now, and takes its messages.

local M = { number = 1, name = "ACCEPT", from = "gateway" }

--- The members of an ACCEPT.
---@param name string the client's name
---@param service string its service type
---@param ticket? string opens a socket that is identified already
---@return table d
function M.fields(name, service, ticket)
  return { opcode = M.number, source = name, service = service, ticket = ticket }
end

return M
