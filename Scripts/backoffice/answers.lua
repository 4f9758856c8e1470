--- Answers of the back office, and what it reads of requests.

local nightjar = require "nightjar"
local limits = require "limits"

local M = {}

--- An error with a stable code.
---@param status integer
---@param code string
---@param message string
---@return nightjar.Answer
function M.problem(status, code, message)
  return { status = status, json = { error = { code = code, message = message } } }
end

--- The store does not answer: the server comes again later.
---@return nightjar.Answer
function M.away()
  return M.problem(503, "unavailable", "The books cannot be written now; try again later.")
end

--- The JSON object of a request.
---@param request nightjar.Request
---@return table? object
---@return nightjar.Answer? problem
function M.object(request)
  local object, _, detail = nightjar.json.decode(request.body)
  if type(object) == "table" and #object == 0 then return object end
  return nil, M.problem(400, "bad_body", "A JSON object is expected: " .. (detail or "not a list"))
end

--- Whether a value can be an id: a text that is not empty and not too long.
---@param value any
---@return boolean
function M.is_id(value)
  return type(value) == "string" and value ~= "" and #value <= limits.id_bytes
    and utf8.len(value) ~= nil and not value:find("\0", 1, true)
end

--- Whether a value is a whole number that is not negative.
---@param value any
---@return boolean
function M.is_count(value) return math.type(value) == "integer" and value >= 0 end

return M
