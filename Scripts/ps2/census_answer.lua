--- What an answer of Census means. Errors come with status 200, sometimes called something else
-- than JSON: the text is read in any case.

local nightjar = require "nightjar"

local M = {}

---@class ps2.CensusFailure
---@field code string stable, see docs/ps2.md
---@field detail string
---@field again boolean whether another try may help

local function failure(code, detail, again)
  return { code = code, detail = detail, again = again or false }
end

-- Beginnings of the member `error`, and what they mean.
local ERRORS = {
  { "No data found", "no_such_collection" },
  { "Bad request syntax", "bad_request" },
  { "service_unavailable", "unavailable", true },
  { "Provided Service ID is not registered", "bad_service_id" },
  { "Missing Service ID", "rate_limited" },
}

local function of_error(text)
  for _, entry in ipairs(ERRORS) do
    if text:sub(1, #entry[1]) == entry[1] then return failure(entry[2], text, entry[3]) end
  end
  return failure("server_error", text)
end

local function of_error_code(code, message)
  local detail = message == "" and code or code .. ": " .. message
  if message:sub(1, 19) == "INVALID_SEARCH_TERM" then return failure("bad_search", detail) end
  return failure("server_error", detail)
end

local function text_of(value)
  return type(value) == "string" and value or ""
end

-- What the body says is wrong; nil if it says nothing of the kind.
local function said(body)
  if type(body) ~= "table" then return nil end
  if type(body.error) == "string" then return of_error(body.error) end
  if type(body.errorCode) == "string" then
    return of_error_code(body.errorCode, text_of(body.errorMessage))
  end
  return nil
end

-- A status that is an error may pass, whatever the body says. What is the caller's own fault keeps
-- its name: nobody else is to be told that the service is down.
local function of_status(status, wrong)
  local detail = "status " .. status .. (wrong and ": " .. wrong.detail or "")
  local is_callers = status < 500 and wrong and wrong.code ~= "server_error"
  return failure(is_callers and wrong.code or "unavailable", detail, true)
end

--- Reads an answer.
---@param collection string
---@param response {status: integer, body: string}
---@return table[]? rows of the collection; nil if it is an error
---@return ps2.CensusFailure? failure with nil
function M.read(collection, response)
  local status = response.status
  if status >= 300 and status < 400 then
    return nil, failure("unavailable", "maintenance: status " .. status, true)
  end
  local body = nightjar.json.decode(response.body or "")
  local wrong = said(body)
  if status ~= 200 then return nil, of_status(status, wrong) end
  if wrong then return nil, wrong end
  if type(body) ~= "table" then
    return nil, failure("unavailable", "the answer is no JSON", true)
  end
  local rows = body[collection .. "_list"]
  if type(rows) ~= "table" then
    return nil, failure("server_error", "the answer has no " .. collection .. "_list")
  end
  local list = {}
  for _, row in ipairs(rows) do
    if type(row) == "table" then list[#list + 1] = row end
  end
  return list
end

return M
