--- Overlays without Twitch: pages that get every state of a channel over a socket, in the parts of
-- a broadcast. The delay is kept here and not in the page, so that nobody reads ahead.

local limits = require "limits"

local M = {}

---@class argus.Group sockets of one channel with the same delay
---@field channel string
---@field delay integer seconds
---@field count integer sockets
---@field seq integer of the state that was sent last; 0: none
---@field at integer when that was, milliseconds
---@field etag? string of its text
---@field redraw? boolean it may look different now

---@class argus.ViewsOptions
---@field kept table survives reloads
---@field history argus.History
---@field runs argus.Runs
---@field now fun(): integer
---@field parts fun(text: string): string[]
---@field room fun(name: string): nightjar.Room

---@class argus.Views
---@field kept {groups: table<string, argus.Group>, by_channel: table, count: integer}
local Views = {}
Views.__index = Views

---@param options argus.ViewsOptions
---@return argus.Views
function M.new(options)
  local kept = options.kept
  kept.groups, kept.by_channel = kept.groups or {}, kept.by_channel or {}
  kept.count = kept.count or 0
  return setmetatable({ kept = kept, options = options }, Views)
end

local function name_of(channel, delay) return channel .. " " .. delay end

--- The delay that an address asks for, in whole seconds.
---@param text? string
---@return integer? seconds nil: it is none
function M.delay(text)
  if text == nil or text == "" then return 0 end
  local number = tonumber(text)
  if not number or number ~= number then return nil end
  if number < 0 or number > limits.delay_seconds then return nil end
  -- Rather a second later than too early.
  return math.ceil(number)
end

-- The newest state that this delay may see.
function Views:newest(channel, delay)
  local options = self.options
  if delay == 0 then return options.runs:get(channel) end
  local time = options.now() - delay * 1000
  local run = options.history:at(channel, time)
  if run then return run end
  -- Nothing was kept yet; the last state may be old enough by itself.
  local last = options.runs:get(channel)
  return last and last.at <= time and last or nil
end

local function send(target, parts)
  for _, part in ipairs(parts) do target:send(part) end
end

--- A socket has opened, and its key is right.
---@param conn nightjar.Connection
---@param channel string
---@param delay integer
---@return string? problem it cannot be taken
function Views:open(conn, channel, delay)
  local kept, options = self.kept, self.options
  local of_channel = kept.by_channel[channel] or 0
  if of_channel >= limits.viewers_of_channel then return "too many overlays of this channel" end
  if kept.count >= limits.viewers then return "too many overlays" end
  local name = name_of(channel, delay)
  local group = kept.groups[name]
  if not group then
    group = { channel = channel, delay = delay, count = 0, seq = 0, at = 0 }
    kept.groups[name] = group
  end
  group.count = group.count + 1
  kept.by_channel[channel] = of_channel + 1
  kept.count = kept.count + 1
  conn.data = { channel = channel, delay = delay }
  options.room(name):join(conn)
  if delay > 0 then options.history:want(channel, options.runs:get(channel), options.now()) end
  -- The last state at once; the others of the group have it already, or get it at the next look.
  local run = self:newest(channel, delay)
  local output = run and options.runs:output_of(channel, run)
  if not output then return nil end
  if group.count == 1 then
    group.seq, group.at, group.etag = run.seq, options.now(), output.etag
  end
  send(conn, options.parts(output.text))
  return nil
end

--- A socket is gone.
---@param data {channel: string, delay: integer}
function Views:close(data)
  local kept = self.kept
  local name = name_of(data.channel, data.delay)
  local group = kept.groups[name]
  if not group then return end
  group.count = group.count - 1
  if group.count <= 0 then kept.groups[name] = nil end
  local left = (kept.by_channel[data.channel] or 1) - 1
  kept.by_channel[data.channel] = left > 0 and left or nil
  kept.count = math.max(0, kept.count - 1)
end

-- Sends a group what it has not seen yet, if it may and there is something.
---@private
---@param group argus.Group
---@param now integer
---@return boolean made whether an output had to be made
function Views:update(group, now)
  local elapsed = now - group.at
  -- A flood is thinned out; a clock that was set back holds nothing up.
  if elapsed >= 0 and elapsed < limits.overlay_ms then return false end
  local run = self:newest(group.channel, group.delay)
  if not run or (run.seq == group.seq and not group.redraw) then
    group.redraw = nil
    return false
  end
  local output = self.options.runs:output_of(group.channel, run)
  local is_same = run.seq == group.seq and output and output.etag == group.etag
  group.seq, group.redraw = run.seq, nil
  if not output or is_same then return true end
  group.at, group.etag = now, output.etag
  local room = self.options.room(name_of(group.channel, group.delay))
  send(room, self.options.parts(output.text))
  return true
end

--- A channel has a new state.
---@param channel string
function Views:changed(channel)
  local group = self.kept.groups[name_of(channel, 0)]
  if group then self:update(group, self.options.now()) end
end

--- Sends what is due. Called many times a second.
function Views:tick()
  local now, redrawn = self.options.now(), 0
  for _, group in pairs(self.kept.groups) do
    local is_redraw = group.redraw
    if not is_redraw or redrawn < limits.redrawn_per_tick then
      local made = self:update(group, now)
      if made and is_redraw then redrawn = redrawn + 1 end
    end
  end
end

--- Whether anybody looks.
---@return boolean
function Views:has_sockets() return self.kept.count > 0 end

--- The rooms of a channel's overlays.
---@param channel string
---@return string[] names
function Views:groups_of(channel)
  local names = {}
  for name, group in pairs(self.kept.groups) do
    if group.channel == channel then names[#names + 1] = name end
  end
  return names
end

--- Everything may look different now: mapping or scripts have changed. What does is sent again.
function Views:redraw()
  for _, group in pairs(self.kept.groups) do
    if group.seq > 0 then group.redraw = true end
  end
end

--- Keeps the states of channels with delayed overlays.
function Views:sweep()
  local options = self.options
  local now = options.now()
  for _, group in pairs(self.kept.groups) do
    if group.delay > 0 then options.history:want(group.channel, nil, now) end
  end
  options.history:sweep(now)
end

return M
