--- The service sends some events twice. What came within the last two seconds word for word is
-- dropped. The same experience twice is no mistake: a medic may earn the same at once again.

local limits = require "limits"

local M = {}

M.WINDOW_MS = 2000

---@class ps2.Duplicates
---@field private kept table survives reloads, so that nothing counts twice just after one
local Duplicates = {}
Duplicates.__index = Duplicates

---@param kept table
---@return ps2.Duplicates
function M.new(kept)
  kept.dropped = 0 -- how many there were
  kept.shortened = 0 -- how often the memory was full before two seconds were over
  kept.recent, kept.former = {}, {} -- when a text came first
  kept.bytes, kept.since = 0, 0
  return setmetatable({ kept = kept }, Duplicates)
end

--- Whether the same came within two seconds; remembers it if not.
---@param text string
---@param now integer milliseconds
---@return boolean
function Duplicates:is_repeated(text, now)
  local kept = self.kept
  local age = now - kept.since
  -- Two halves: the older one is forgotten when the younger is as old as the window.
  if age >= M.WINDOW_MS or age < 0 or kept.bytes > limits.duplicate_bytes // 2 then
    if age >= 0 and age < M.WINDOW_MS then kept.shortened = kept.shortened + 1 end
    kept.former = age >= 0 and age < 2 * M.WINDOW_MS and kept.recent or {}
    kept.recent, kept.bytes, kept.since = {}, 0, now
  end
  local came = kept.recent[text] or kept.former[text]
  if came and now - came <= M.WINDOW_MS and now >= came then return true end
  kept.recent[text] = now
  kept.bytes = kept.bytes + #text
  return false
end

--- One was dropped.
function Duplicates:drop() self.kept.dropped = self.kept.dropped + 1 end

return M
