--- States that overlays with a delay wait for. Kept only for channels that have such overlays, or
-- had them a short while ago.

local limits = require "limits"

local M = {}

---@class argus.Kept one channel's states
---@field states argus.Run[] oldest first
---@field wanted_until integer milliseconds
---@field bytes integer

---@class argus.History
---@field kept {channels: table<string, argus.Kept>, bytes: integer}
local History = {}
History.__index = History

---@param kept table survives reloads
---@return argus.History
function M.new(kept)
  kept.channels, kept.bytes = kept.channels or {}, kept.bytes or 0
  return setmetatable({ kept = kept }, History)
end

-- What a state takes, near enough: its strings, and a table with eight names.
local function size(run)
  local bytes = 400
  for _, text in pairs(run.strings) do bytes = bytes + #text end
  return bytes
end

function History:change(channel, bytes)
  channel.bytes = channel.bytes + bytes
  self.kept.bytes = self.kept.bytes + bytes
end

-- Leaves out every second of the older states. Who waits for one of those sees the one before it
-- for longer; nobody sees anything too early.
function History:thin(channel)
  local states, rest = channel.states, {}
  for index, run in ipairs(states) do
    if index > #states // 2 or index % 2 == 1 then
      rest[#rest + 1] = run
    else
      self:change(channel, -size(run))
    end
  end
  channel.states = rest
end

-- The channel that takes most, when all of them take too much.
function History:make_room()
  while self.kept.bytes > limits.history_bytes do
    local largest
    for _, channel in pairs(self.kept.channels) do
      if not largest or channel.bytes > largest.bytes then largest = channel end
    end
    if not largest or #largest.states < 4 then return end
    self:thin(largest)
  end
end

--- From now on this channel's states are kept, for a while.
---@param name string
---@param run? argus.Run its last state
---@param now integer
function History:want(name, run, now)
  local channel = self.kept.channels[name]
  if not channel then
    channel = { states = {}, bytes = 0, wanted_until = 0 }
    self.kept.channels[name] = channel
    if run then self:append(channel, run) end
  end
  channel.wanted_until = now + limits.history_ms
end

function History:append(channel, run)
  local states = channel.states
  local last = states[#states]
  -- One a second is kept: the last of it.
  if last and last.at // 1000 == run.at // 1000 then
    self:change(channel, -size(last))
    states[#states] = nil
  end
  -- A copy: what survives a reload may stand in one place only.
  local strings = {}
  for field, text in pairs(run.strings) do strings[field] = text end
  states[#states + 1] = { at = run.at, seq = run.seq, strings = strings }
  self:change(channel, size(run))
  if #states > limits.history_states then self:thin(channel) end
end

--- A channel has a new state.
---@param name string
---@param run argus.Run
function History:add(name, run)
  local channel = self.kept.channels[name]
  if not channel then return end
  self:append(channel, run)
  if self.kept.bytes > limits.history_bytes then self:make_room() end
end

--- The newest state that is as old as a delay wants it.
---@param name string
---@param time integer now without the delay
---@return argus.Run?
function History:at(name, time)
  local channel = self.kept.channels[name]
  if not channel then return nil end
  local states = channel.states
  for index = #states, 1, -1 do
    local run = states[index]
    if run.at <= time then
      if time - run.at < limits.run_ms then return run end
      return nil
    end
  end
  return nil
end

--- Forgets what nobody can wait for any more.
---@param now integer
function History:sweep(now)
  local oldest = now - limits.delay_seconds * 1000 - limits.run_ms
  for name, channel in pairs(self.kept.channels) do
    local states, rest = channel.states, {}
    for _, run in ipairs(states) do
      if run.at > oldest then
        rest[#rest + 1] = run
      else
        self:change(channel, -size(run))
      end
    end
    channel.states = rest
    if channel.wanted_until < now then
      self:change(channel, -channel.bytes)
      self.kept.channels[name] = nil
    end
  end
end

return M
