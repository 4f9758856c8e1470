--- Who is at something now, so that nobody else begins it meanwhile.
--
--   local asking = held.new()
--   if asking:is_held(id) then return wait_for_it(id) end
--   asking:hold(id)
--   local ok, problem = pcall(ask, id) -- waits
--   asking:release(id)
--
-- The server ends a handler that takes too long, and no `pcall` is asked about it: what it holds
-- it never releases. So nothing is held for longer than a handler can go on.

local nightjar = require "nightjar"

local M = {}

-- Milliseconds. A handler is ended after half a minute, whatever it waits for.
M.MAX_MS = 30000

---@class lib.Held
---@field private ends table<any, integer> when a thing is free at the latest
---@field private now fun(): integer
local Held = {}
Held.__index = Held

--- Nothing is held yet.
---@param now? fun(): integer milliseconds; the server's clock if nobody says
---@return lib.Held
function M.new(now)
  return setmetatable({ ends = {}, now = now or function() return nightjar.now() end }, Held)
end

--- Whether somebody is at it.
---@param key any
---@return boolean
function Held:is_held(key)
  local ends = self.ends[key]
  if ends and ends <= self.now() then
    self.ends[key] = nil
    return false
  end
  return ends ~= nil
end

--- From now on somebody is at it.
---@param key any
function Held:hold(key) self.ends[key] = self.now() + M.MAX_MS end

--- It is free again.
---@param key any
function Held:release(key) self.ends[key] = nil end

return M
