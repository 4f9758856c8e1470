--- The latest events, what scripts printed, and the events that somebody has pinned: for the page
-- and for explanations. Nothing of it is on the way of an event for longer than an assignment.

local nightjar = require "nightjar"
local limits = require "limits"
local texts = require "lib.texts"

local M = {}

---@class ps2.Recent
---@field private kept table
---@field private pinned table
local Recent = {}
Recent.__index = Recent

---@param kept table survives reloads
---@param pinned table survives reloads
---@return ps2.Recent
function M.new(kept, pinned)
  kept.seq = 0 -- of the latest event
  kept.text, kept.at, kept.fired, kept.why = {}, {}, {}, {} -- rings, by seq
  kept.printed, kept.lines = {}, 0 -- the latest lines, and how many there were
  pinned.list, pinned.next = {}, 1
  return setmetatable({ kept = kept, pinned = pinned }, Recent)
end

--- Remembers an event.
---@param text string
---@param at integer milliseconds
---@param fired integer how many triggers fired
---@param why? string what was wrong with it, or why it was dropped
function Recent:add(text, at, fired, why)
  local kept = self.kept
  local seq = kept.seq + 1
  kept.seq = seq
  local slot = seq % limits.recent_events + 1
  if #text > limits.shown_bytes then text = texts.cut(text, limits.glimpse_bytes) .. " …" end
  kept.text[slot] = text
  kept.at[slot], kept.fired[slot], kept.why[slot] = at, fired, why or false
end

--- The events behind a number that are remembered, oldest first. Those that are too much for one
-- answer are behind the last one's number.
---@param after integer
---@return {seq: integer, text: string, at: integer, fired: integer, why?: string}[]
function Recent:since(after)
  local kept, list, left = self.kept, {}, limits.page_events_bytes
  for seq = math.max(after + 1, kept.seq - limits.recent_events + 1, 1), kept.seq do
    local slot = seq % limits.recent_events + 1
    local why = kept.why[slot]
    local one = {
      seq = seq, text = texts.valid(kept.text[slot]), at = kept.at[slot], fired = kept.fired[slot],
      why = why and texts.cut(why, limits.glimpse_bytes) or nil,
    }
    left = left - #nightjar.json.encode(one)
    if left < 0 then break end
    list[#list + 1] = one
  end
  return list
end

--- The text of an event that is still remembered.
---@param seq integer
---@return string?
function Recent:find(seq)
  local kept = self.kept
  if seq < 1 or seq > kept.seq or seq <= kept.seq - limits.recent_events then return nil end
  return kept.text[seq % limits.recent_events + 1]
end

--- A script has printed a line.
---@param line string
---@param at integer
function Recent:print(line, at)
  local kept = self.kept
  kept.lines = kept.lines + 1
  kept.printed[#kept.printed + 1] = { at = at, line = texts.cut(line, limits.printed_bytes) }
  if #kept.printed > limits.printed_lines then table.remove(kept.printed, 1) end
end

--- Keeps an event for good, or until it is taken down.
---@param text string
---@param now integer
---@return integer? id nil: there are too many already, or they are too long together
function Recent:pin(text, now)
  local pinned, bytes = self.pinned, #nightjar.json.encode(text)
  for _, pin in ipairs(pinned.list) do
    if pin.text == text then return pin.id end
    bytes = bytes + #nightjar.json.encode(pin.text)
  end
  if #pinned.list >= limits.pinned_events or bytes > limits.pinned_bytes then return nil end
  local id = pinned.next
  pinned.next = id + 1
  pinned.list[#pinned.list + 1] = { id = id, text = text, at = now }
  return id
end

---@param id integer
---@return boolean was_there
function Recent:unpin(id)
  for index, pin in ipairs(self.pinned.list) do
    if pin.id == id then
      table.remove(self.pinned.list, index)
      return true
    end
  end
  return false
end

return M
