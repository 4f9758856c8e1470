--- How requests are answered: clients look at status 200 and at the exact text of the body.

local nightjar = require "nightjar"

local M = {}

local TEXT = { ["content-type"] = "text/html; charset=utf-8", ["cache-control"] = "no-store" }

-- JavaScript may write half of a character, `"\ud800"`, and the original server takes it. What it
-- stands in is no name of the game, and is told as such; the rest of the run is shown.
local DECODE = { mend = true }

--- A result of the protocol: status 200, and the text as it is.
---@param body string
---@return nightjar.Answer
function M.result(body) return { status = 200, headers = TEXT, body = body } end

--- What is wrong with a request, for a person.
---@param status integer
---@param code string
---@param message string
---@return nightjar.Answer
function M.problem(status, code, message)
  return { status = status, json = { error = { code = code, message = message } } }
end

--- Sends a browser to another path of this server.
---@param path string
---@return nightjar.Answer
function M.redirect(path)
  return { status = 302, body = "", headers = { location = path, ["cache-control"] = "no-store" } }
end

--- The JSON object in a request's body. No body is an object without members, as for the original
-- server.
---@param request nightjar.Request
---@return table? object
---@return nightjar.Answer? refusal
function M.object(request)
  if request.body == "" then return {} end
  local value, _, detail = nightjar.json.decode(request.body, DECODE)
  if type(value) ~= "table" then
    return nil, M.problem(400, "invalid_json", detail or "The body is no JSON object.")
  end
  return value
end

--- Whether a client speaks a version of the protocol that we do. One that does not say which
-- speaks the first.
---@param version any
---@return boolean
function M.speaks(version) return version == nil or version == "1" or version == "2" end

--- A header without what could end it: an entity tag of a text.
---@param text string
---@return string
function M.etag(text)
  return '"' .. nightjar.crypto.hex(nightjar.crypto.sha256(text)):sub(1, 32) .. '"'
end

--- Whether the client has this already (`If-None-Match`).
---@param request nightjar.Request
---@param etag string with its quotation marks
---@return boolean
function M.has(request, etag)
  local given = request:header("if-none-match")
  if not given then return false end
  for one in given:gmatch("[^,]+") do
    -- A proxy that compresses makes strong tags weak; for a GET both are the same.
    local tag = one:match("^%s*(.-)%s*$"):gsub("^W/", "")
    if tag == etag or tag == "*" then return true end
  end
  return false
end

return M
