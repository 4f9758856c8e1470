--- What comes from the game: `POST /run_info`, with the eight strings that the mod has made of a
-- run, or with the game's raw tables, of which they are made here.

local nightjar = require "nightjar"
local limits = require "limits"
local web = require "web"

local M = {}

---@class argus.IntakeOptions
---@field people argus.People
---@field take fun(channel: string, strings: table<string, string>) the state is known from here on
---@field strings argus.Strings
---@field counted fun(name: string)
---@field tap fun(channel?: string, body: string, object?: table) hears of every payload

---@class argus.Intake
---@field private options argus.IntakeOptions
local Intake = {}
Intake.__index = Intake

---@param options argus.IntakeOptions
---@return argus.Intake
function M.new(options) return setmetatable({ options = options }, Intake) end

local function refuse(self, status, code, message)
  self.options.counted "refused"
  return web.problem(status, code, message)
end

--- `POST /run_info`. The token is looked at first, then the version, then what it brings.
---@param request nightjar.Request
---@return nightjar.Answer
function Intake:post(request)
  local options = self.options
  options.counted "payloads"
  local body, refusal = web.object(request)
  if not body then
    options.tap(nil, request.body)
    options.counted "refused"
    return refusal
  end
  if #request.body > limits.body_bytes and body.gameState == nil then
    return refuse(self, 413, "body_too_large", "The request body is too large.")
  end
  local channel = options.people:channel_of(body.argusToken)
  if not channel then
    options.counted "bad_tokens"
    return web.result "bad_argus_token"
  end
  if not web.speaks(body.argusProtocolVersion) then return web.result "bad_protocol_version" end
  options.tap(channel, request.body, body)
  local strings, code, message = options.strings:read(body)
  if not strings then
    if code == "nothing" then
      -- The game has a state that is none to show, as between two runs.
      options.counted "empty"
      nightjar.log.info("a game state without a run", { channel = channel, reason = message })
      return web.result("ignored: " .. message)
    end
    return refuse(self, 400, code, message)
  end
  options.take(channel, strings)
  return web.result "ok"
end

return M
