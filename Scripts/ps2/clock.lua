--- The scripts' time: the server's, or that of a recording that is being replayed.

local nightjar = require "nightjar"

local M = {}

local replayed

--- Milliseconds since 1970, UTC.
---@return integer
function M.now() return replayed or nightjar.now() end

--- Sets the time of a recording; nil: it is over.
---@param time? integer
function M.replay(time) replayed = time end

return M
