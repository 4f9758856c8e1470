--- What waits to be fetched by somebody who records (`nightjar events record`): lines by number,
-- in a memory that forgets the oldest when nobody fetches them in time.

local nightjar = require "nightjar"

local M = {}

---@class lib.RecordingOptions
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

--- A recording that nobody has begun.
---@param options lib.RecordingOptions kept, not copied: a spec may change it
---@return lib.Recording
function M.new(options)
  return setmetatable({
    options = options, lines = {}, first = 1, last = 0, bytes = 0, asked_at = 0, on = false,
  }, Recording)
end

function Recording:drop_oldest()
  self.bytes = self.bytes - #self.lines[self.first]
  self.lines[self.first] = nil
  self.first = self.first + 1
end

--- Whether somebody records. Ends the recording of who has not asked for too long.
---@return boolean
function Recording:is_on()
  if self.on and nightjar.now() - self.asked_at > self.options.patience_ms then self:stop() end
  return self.on
end

--- Adds a line. Only while somebody records. One that is too long leaves its place empty, which is
-- told as missing.
---@param line? string one line of JSON, without the line feed; nil: it could not be written
function Recording:add(line)
  if not line or #line > (self.options.line_bytes or LINE_BYTES) then line = "" end
  self.last = self.last + 1
  self.lines[self.last] = line
  self.bytes = self.bytes + #line
  local options = self.options
  while self.last - self.first >= options.lines or self.bytes > options.bytes do
    self:drop_oldest()
  end
end

--- Nobody records any more.
function Recording:stop()
  self.on = false
  self.lines, self.first, self.bytes = {}, self.last + 1, 0
end

--- A piece of the recording: what came behind a number. nil begins one.
---@param after? integer what the last piece called `next`
---@return table piece lines, next, missing, more, state
function Recording:piece(after)
  self.asked_at = nightjar.now()
  self.on = true
  if math.type(after) ~= "integer" then after = self.last end
  local piece, size = nightjar.json.array {}, 0
  local number = math.max(after + 1, self.first)
  local missing = number - (after + 1)
  -- A generation that was loaded meanwhile counts from the beginning.
  if after > self.last then number, missing = self.first, 0 end
  local bound = self.options.line_bytes or LINE_BYTES
  while number <= self.last and size + #self.lines[number] <= bound do
    if self.lines[number] == "" then
      missing = missing + 1
    else
      piece[#piece + 1] = self.lines[number]
    end
    size = size + #self.lines[number]
    number = number + 1
  end
  -- What was fetched is not needed again.
  while self.first < number do self:drop_oldest() end
  return {
    lines = piece, next = number - 1, missing = missing, more = number <= self.last,
    state = self.options.state and self.options.state() or "",
  }
end

return M
