--- What waits to be fetched by somebody who records (`nightjar events record`): lines by number,
-- in a memory that forgets the oldest when nobody fetches them in time. The latest survive a
-- reload, so that who records while scripts are saved misses nothing.

local nightjar = require "nightjar"

local M = {}

---@class lib.RecordingOptions
---@field kept table survives reloads: `kept("recorder", recording.fresh())`
---@field carried_bytes integer of the latest lines, which are in `kept`
---@field lines integer that wait at most
---@field bytes integer that they have at most
---@field line_bytes? integer of a line, and of a piece that is fetched
---@field patience_ms integer a recorder that has not asked for so long is gone
---@field state? fun(): string why nothing may come, in words; empty: all is well

---@class lib.Recording
local Recording = {}
Recording.__index = Recording

-- What goes over the control socket in one answer has at most 1 MiB; a quotation mark takes two
-- bytes in it.
local LINE_BYTES = 480 * 1024

--- What a recording keeps at first: the number of the latest line, when a piece was last asked for
-- (0: nobody records), the latest lines by number, the oldest of these, and their bytes.
---@return table
function M.fresh() return { last = 0, asked_at = 0, from = 1, lines = {}, bytes = 0 } end

--- A recording that nobody has begun.
---@param options lib.RecordingOptions kept, not copied: a spec may change it
---@return lib.Recording
function M.new(options)
  return setmetatable({
    options = options, latest = options.kept,
    -- Lines before `latest.from`, which wait only for a slow reader. They end with this generation,
    -- and count as missing then.
    older = {}, older_bytes = 0,
    -- The oldest line that is there.
    first = 1,
  }, Recording)
end

local function drop_oldest(self)
  local latest, first = self.latest, self.first
  if first < latest.from then
    self.older_bytes = self.older_bytes - #self.older[first]
    self.older[first] = nil
  else
    latest.bytes = latest.bytes - #latest.lines[first]
    latest.lines[first] = nil
    latest.from = first + 1
  end
  self.first = first + 1
end

--- Whether somebody records. Ends the recording of who has not asked for too long.
---@return boolean
function Recording:is_on()
  local asked_at = self.latest.asked_at
  if asked_at == 0 then return false end
  if nightjar.now() - asked_at <= self.options.patience_ms then return true end
  self:stop()
  return false
end

--- Adds a line. Only while somebody records. One that is too long leaves its place empty, which is
-- told as missing.
---@param line? string one line of JSON, without the line feed; nil: it could not be written
function Recording:add(line)
  local options, latest = self.options, self.latest
  if not line or #line > (options.line_bytes or LINE_BYTES) then line = "" end
  latest.last = latest.last + 1
  latest.lines[latest.last] = line
  latest.bytes = latest.bytes + #line
  while latest.bytes > options.carried_bytes do
    local from = latest.from
    local moved = latest.lines[from]
    self.older[from], latest.lines[from] = moved, nil
    self.older_bytes, latest.bytes = self.older_bytes + #moved, latest.bytes - #moved
    latest.from = from + 1
  end
  while latest.last - self.first >= options.lines
    or self.older_bytes + latest.bytes > options.bytes do
    drop_oldest(self)
  end
end

--- Nobody records any more.
function Recording:stop()
  local latest = self.latest
  self.older, self.older_bytes, self.first = {}, 0, latest.last + 1
  latest.lines, latest.bytes, latest.from, latest.asked_at = {}, 0, self.first, 0
end

--- Goes on with what the former generation has recorded: for `M.on_reload`, behind `kept.restore`.
---@return boolean on whether somebody records
function Recording:resume()
  self.first = self.latest.from
  return self:is_on()
end

--- A piece of the recording: what came behind a number. nil begins one.
---@param after? integer what the last piece called `next`
---@return table piece lines, next, missing, more, state
function Recording:piece(after)
  local options, latest = self.options, self.latest
  local last = latest.last
  latest.asked_at = nightjar.now()
  if math.type(after) ~= "integer" then after = last end
  local piece, size, number = nightjar.json.array {}, 0, math.max(after + 1, self.first)
  local missing = number - (after + 1)
  -- A server that was started meanwhile counts from the beginning.
  if after > last then number, missing = self.first, 0 end
  local most = options.line_bytes or LINE_BYTES
  while number <= last do
    local line = self.older[number] or latest.lines[number]
    size = size + #line
    if size > most then break end
    if line == "" then missing = missing + 1 else piece[#piece + 1] = line end
    number = number + 1
  end
  -- What was fetched is not needed again.
  while self.first < number do drop_oldest(self) end
  return {
    lines = piece, next = number - 1, missing = missing, more = number <= last,
    state = options.state and options.state() or "",
  }
end

return M
