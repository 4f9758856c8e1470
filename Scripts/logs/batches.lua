--- Gathers entries for a short time and sends them as one frame per room: a listener that gets
-- ten frames a second can show them all, one that gets an entry a frame may not.

local M = {}

-- From the first entry after a quiet time to the frames.
M.DELAY_SECONDS = 0.1

-- What is gathered at most; beyond that it is sent at once. Bounds the memory, and stays below
-- what may wait for one listener.
M.BYTES_MAX = 128 * 1024

-- A larger frame is split: a listener handles one in the time it takes to draw a picture.
M.FRAME_BYTES_MAX = 64 * 1024

---@class logs.Batch
local Batch = {}
Batch.__index = Batch

--- Makes an empty batch.
---@param host table functions of the host:
---   `send(room, frame, audience)` gives a frame to the listeners of a room, `""`: to everyone;
---   of these only to those who may see the server's own lines (audience "own"), or only to the
---   others ("others");
---   `later(seconds, action)` calls the action soon, with a function that waits for the seconds
---@return logs.Batch
function M.new(host)
  return setmetatable({
    host = host,
    rooms = {}, -- names in the order of their first entry
    groups = {}, -- name -> texts
    others = nil, -- texts without a room but those of the server's own; nil: it has none
    bytes = 0,
    is_waiting = false,
  }, Batch)
end

--- Adds entries that have a `room` and a `text`.
---@param list logs.Entry[]
function Batch:add(list)
  for _, entry in ipairs(list) do
    local group = self.groups[entry.room]
    if not group then
      group = {}
      self.groups[entry.room] = group
      self.rooms[#self.rooms + 1] = entry.room
    end
    if entry.is_own and not self.others then self.others = table.move(group, 1, #group, 1, {}) end
    group[#group + 1] = entry.text
    if self.others and entry.room == "" and not entry.is_own then
      self.others[#self.others + 1] = entry.text
    end
    self.bytes = self.bytes + #entry.text + 1
    if self.bytes >= M.BYTES_MAX then self:flush() end
  end
  if self.bytes == 0 or self.is_waiting then return end
  self.host.later(M.DELAY_SECONDS, function(wait)
    -- Noted here and not before: a handler that fails afterwards has asked for nothing.
    if self.is_waiting then return end
    self.is_waiting = true
    wait()
    self.is_waiting = false
    self:flush()
  end)
end

-- One group as frames.
local function send(host, room, group, audience)
  if #group == 0 then return end
  local first, bytes = 1, 2
  for index, text in ipairs(group) do
    if index > first and bytes + #text >= M.FRAME_BYTES_MAX then
      host.send(room, "[" .. table.concat(group, ",", first, index - 1) .. "]", audience)
      first, bytes = index, 2
    end
    bytes = bytes + #text + 1
  end
  host.send(room, "[" .. table.concat(group, ",", first) .. "]", audience)
end

--- Sends everything: rooms in the order of their first entry, what has no room last.
function Batch:flush()
  local rooms, groups, others = self.rooms, self.groups, self.others
  self.rooms, self.groups, self.others, self.bytes = {}, {}, nil, 0
  for _, room in ipairs(rooms) do
    if room ~= "" then send(self.host, room, groups[room]) end
  end
  if others then
    send(self.host, "", groups[""], "own")
    send(self.host, "", others, "others")
  elseif groups[""] then
    send(self.host, "", groups[""])
  end
end

return M
