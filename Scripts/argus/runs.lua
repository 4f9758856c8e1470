--- The last state of every channel: the eight strings as they came, when, and what they come to
-- with the mapping as it is now.
--
-- Only the strings are kept through a reload and a restart (saved.lua). The output is made when
-- somebody wants it, and again after a change of the mapping or of a script.

local limits = require "limits"

local M = {}

---@class argus.Run
---@field at integer when it came, milliseconds
---@field seq integer rises with every state of any channel
---@field strings table<string, string> boonData, weaponData, …

---@class argus.Output
---@field text string JSON
---@field count integer parts of a broadcast
---@field etag string

---@class argus.RunsOptions
---@field kept {list: table<string, argus.Run>, seq: integer, count: integer}
---@field now fun(): integer
---@field make fun(strings: table, channel: string): argus.Output? nil: it failed, and was told
---@field forgotten? fun(channel: string) its state is none any more

---@class argus.Runs
local Runs = {}
Runs.__index = Runs

---@param options argus.RunsOptions
---@return argus.Runs
function M.new(options)
  local kept = options.kept
  kept.list, kept.seq = kept.list or {}, kept.seq or 0
  return setmetatable({ kept = kept, options = options, outputs = {} }, Runs)
end

local function count(list)
  local number = 0
  for _ in pairs(list) do number = number + 1 end
  return number
end

-- Makes room by forgetting the channel that has been silent for longest.
function Runs:make_room()
  local oldest, at
  for channel, run in pairs(self.kept.list) do
    if not at or run.at < at then oldest, at = channel, run.at end
  end
  self:forget(oldest)
end

local function is_strings(strings)
  if type(strings) ~= "table" then return false end
  for name, text in pairs(strings) do
    if type(name) ~= "string" or type(text) ~= "string" then return false end
  end
  return true
end

--- Takes a state from before a restart, unless there is a newer one.
---@param channel string
---@param at any milliseconds
---@param strings any
---@return boolean taken
function Runs:restore(channel, at, strings)
  local now = self.options.now()
  if math.type(at) ~= "integer" or at > now or now - at >= limits.run_ms then return false end
  if self.kept.list[channel] or not is_strings(strings) then return false end
  self:put(channel, strings).at = at
  return true
end

--- Takes a new state.
---@param channel string
---@param strings table<string, string>
---@return argus.Run
function Runs:put(channel, strings)
  local kept = self.kept
  if not kept.list[channel] then
    -- Counted anew: what is counted on the side goes wrong one day.
    if count(kept.list) >= limits.channels then self:make_room() end
  end
  kept.seq = kept.seq + 1
  local run = { at = self.options.now(), seq = kept.seq, strings = strings }
  kept.list[channel] = run
  return run
end

--- The last state of a channel, unless it is too old.
---@param channel string
---@return argus.Run?
function Runs:get(channel)
  local run = self.kept.list[channel]
  if run and self.options.now() - run.at < limits.run_ms then return run end
  return nil
end

--- What the last state of a channel comes to.
---@param channel string
---@return argus.Output? output nil: there is none, or it could not be made
---@return argus.Run? run
function Runs:output(channel)
  local run = self:get(channel)
  if not run then return nil end
  local made = self.outputs[channel]
  if not made or made.seq ~= run.seq then
    made = { seq = run.seq, output = self.options.make(run.strings, channel) }
    self.outputs[channel] = made
  end
  return made.output, run
end

--- What any state of a channel comes to; the last one's is made once.
---@param channel string
---@param run {seq: integer, strings: table<string, string>}
---@return argus.Output?
function Runs:output_of(channel, run)
  local last = self:get(channel)
  if last and last.seq == run.seq then return (self:output(channel)) end
  return self.options.make(run.strings, channel)
end

---@param channel string
function Runs:forget(channel)
  self.kept.list[channel] = nil
  self.outputs[channel] = nil
  if self.options.forgotten then self.options.forgotten(channel) end
end

--- Channels with a state, in the order of their ids.
---@return string[]
function Runs:channels()
  local list = {}
  for channel in pairs(self.kept.list) do
    if self:get(channel) then list[#list + 1] = channel end
  end
  table.sort(list)
  return list
end

--- Forgets what is too old.
function Runs:sweep()
  local now = self.options.now()
  for channel, run in pairs(self.kept.list) do
    if now - run.at >= limits.run_ms then self:forget(channel) end
  end
end

return M
