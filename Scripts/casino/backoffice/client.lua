--- Requests to the back office.

local nightjar = require "nightjar"
local limits = require "backoffice.limits"
local settings = require "settings"

local json = nightjar.json

local M = {}

local base = settings.rgs_base
if base ~= "" and base:sub(-1) ~= "/" then base = base .. "/" end

-- How long a token of this server is good for: as long as a request takes, and some seconds for
-- clocks that differ.
local TOKEN_SECONDS = 60

--- Whether there is a back office.
---@return boolean
function M.is_set() return base ~= "" end

-- A token that says who asks, if the secret `rgs` is configured: {"iss":"nightjar","exp":…}, HS256.
local function authorization()
  local now = nightjar.now() // 1000
  local token = nightjar.auth.sign_jwt({ iss = "nightjar", iat = now, exp = now + TOKEN_SECONDS },
    { secret = "rgs" })
  return token and "Bearer " .. token or nil
end

---@class casino.BackOfficeReply
---@field status integer
---@field body string

--- Sends a request. Any answer is one; without any: nil, code, detail.
---@param method "GET"|"POST"|"DELETE"
---@param path string below `rgs_base`, like "rounds"
---@param body? table
---@param seconds? number how long to wait
---@return casino.BackOfficeReply? answer
---@return string? code
---@return string? detail
function M.request(method, path, body, seconds)
  return nightjar.http.fetch {
    url = base .. path, method = method, body = body and json.encode(body),
    headers = { ["content-type"] = "application/json", authorization = authorization() },
    timeout = seconds or limits.request_seconds, max_body = limits.answer_bytes,
  }
end

--- A text as a part of a path.
---@param text string
---@return string
function M.escaped(text)
  return (text:gsub("[^%w%-_.~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

--- What came of a request, in a word: `done`; `away`: nobody answers, or not now, so that
-- everything else would fail too; `unknown`: a session, player or site is not known there;
-- `refused`: this very request.
---@param answer? casino.BackOfficeReply
---@return "done"|"away"|"unknown"|"refused"
function M.outcome(answer)
  local status = answer and answer.status or 0
  if status >= 200 and status < 300 then return "done" end
  if status == 404 then return "unknown" end
  -- 401: this server's token is not taken; 408 and 429: later. None of them is about the request.
  if status < 400 or status >= 500 or status == 401 or status == 408 or status == 429 then
    return "away"
  end
  return "refused"
end

return M
