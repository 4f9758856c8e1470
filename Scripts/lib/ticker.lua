--- Looks at what is due: many times a second while there may be something, else seldom, so that a
-- server with nothing to do sleeps.
--
--     local looking = ticker.start("tick", { often = 0.05, seldom = 0.5 }, function()
--       send_what_is_due()
--       return something_is_still_to_come()
--     end)
--     …
--     looking:wake() -- something has come that cannot wait for the next seldom look

local nightjar = require "nightjar"

local M = {}

---@class lib.TickerOptions
---@field often number seconds between two looks while there may be something
---@field seldom number seconds without
---@field every? fun(name: string, seconds: number, look: fun()) `nightjar.timer.every`; specs have
--- another

---@class lib.Ticker
---@field private is_often boolean
local Ticker = {}
Ticker.__index = Ticker

-- The name of a timer that runs replaces it, so there is never more than one.
local function set(self, is_often)
  local options = self.options
  self.is_often = is_often
  local every = options.every or nightjar.timer.every
  every(self.name, is_often and options.often or options.seldom, function()
    local goes_on = self.look() and true or false
    if goes_on ~= self.is_often then set(self, goes_on) end
  end)
end

--- Begins to look. Called while the package loads, so that the timer is there after a reload, too.
---@param name string of the timer
---@param options lib.TickerOptions
---@param look fun(): any whether there may be something before the next seldom look; may wait
---@return lib.Ticker
function M.start(name, options, look)
  local self = setmetatable({ name = name, options = options, look = look }, Ticker)
  set(self, true)
  return self
end

--- The next look comes soon.
function Ticker:wake()
  if not self.is_often then set(self, true) end
end

return M
