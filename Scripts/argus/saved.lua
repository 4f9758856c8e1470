--- The last state of every channel in the store, so that overlays show it after a restart, too.
--
-- A state is not written when it comes, but a few seconds later, the newest one of each channel: in
-- a storm of runs the store has hardly more to do than without. What a crash costs is these
-- seconds; a server that is asked to stop writes before it does.

local held = require "lib.held"
local limits = require "limits"

local M = {}

-- A sorted set of the channels by the time of their state, and a value for each of them.
local CHANNELS = "runs"
local function key_of(channel) return "run " .. channel end

---@class argus.SavedOptions
---@field kept {changed: table<string, boolean>} survives reloads
---@field runs argus.Runs
---@field store {batch: function, range: function, get: function}
---@field now fun(): integer
---@field is_known fun(channel: string): boolean whether somebody of the channel has logged in
---@field warn fun(message: string, fields: table)

---@class argus.Saved
---@field private options argus.SavedOptions
local Saved = {}
Saved.__index = Saved

---@param options argus.SavedOptions
---@return argus.Saved
function M.new(options)
  options.kept.changed = options.kept.changed or {}
  return setmetatable({ options = options, writers = held.new(options.now) }, Saved)
end

--- A channel has a new state, or none any more.
---@param channel string
function Saved:changed(channel) self.options.kept.changed[channel] = true end

local function size(strings)
  local bytes = 0
  for _, text in pairs(strings) do bytes = bytes + #text end
  return bytes
end

-- The changes that bring the store up to date, for some of the channels, and which these are.
local function next_changes(self)
  local changes, channels, bytes = {}, {}, 0
  local now = self.options.now()
  for channel in pairs(self.options.kept.changed) do
    local run = self.options.runs:get(channel)
    local left = run and (limits.run_ms - (now - run.at)) / 1000
    if run and left > 0 then
      local value = { at = run.at, strings = run.strings }
      -- The clock may have been set back since: no state is kept for longer than its time.
      local seconds = math.min(left, limits.run_ms / 1000)
      changes[#changes + 1] = { "set", key_of(channel), value, seconds }
      changes[#changes + 1] = { "add", CHANNELS, channel, run.at }
      bytes = bytes + size(run.strings)
    else
      changes[#changes + 1] = { "delete", key_of(channel) }
      changes[#changes + 1] = { "remove", CHANNELS, channel }
    end
    channels[#channels + 1] = channel
    if #channels >= limits.saved_at_once or bytes >= limits.saved_bytes then break end
  end
  return changes, channels
end

-- Writes some of what has changed; true, or nil and a code.
local function write_next(self)
  local changed = self.options.kept.changed
  local changes, channels = next_changes(self)
  -- What comes while the store writes is written the next time.
  for _, channel in ipairs(channels) do changed[channel] = nil end
  -- The time of whoever writes may be over before the store has answered.
  local ok, done, code = pcall(self.options.store.batch, changes)
  if ok and done then return true end
  for _, channel in ipairs(channels) do changed[channel] = true end
  self.options.warn("the last runs could not be stored",
    { code = ok and code or tostring(done), channels = #channels })
  if not ok then error(done, 0) end
  return nil
end

--- Writes what has changed. Waits for the store; a second call meanwhile does nothing.
---@async
function Saved:write()
  if self.writers:is_held "store" then return end
  self.writers:hold "store"
  local ok, problem = pcall(function()
    while next(self.options.kept.changed) and write_next(self) do end
  end)
  self.writers:release "store"
  if not ok then error(problem, 0) end
end

--- Takes over what the server had when it ended. A state that has come since is newer. Waits.
---@async
---@return string[] channels
function Saved:load()
  local options, found = self.options, {}
  local newest = { reverse = true, limit = limits.channels }
  local members, code = options.store.range(CHANNELS, nil, nil, newest)
  if not members then
    options.warn("the last runs could not be read", { code = code })
    return found
  end
  for _, member in ipairs(members) do
    local channel = member.member
    local value = options.is_known(channel) and options.store.get(key_of(channel))
    if type(value) == "table" and options.runs:restore(channel, value.at, value.strings) then
      found[#found + 1] = channel
    else
      -- Too old, or replaced by now: the store is brought up to date.
      self:changed(channel)
    end
  end
  return found
end

return M
