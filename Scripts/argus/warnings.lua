--- What was odd about a message, in sentences for the person who has to find out why.

local bounds = require "bounds"

local M = {}

---@class argus.Warnings
---@field list string[]
---@field more integer how many were left out
local Warnings = {}
Warnings.__index = Warnings

--- An empty list of warnings.
---@return argus.Warnings
function M.new() return setmetatable({ list = {}, more = 0 }, Warnings) end

--- A foreign value as it may stand in a sentence: short, without anything that breaks a line.
---@param value any
---@return string
function M.show(value)
  if type(value) == "number" or type(value) == "boolean" then return tostring(value) end
  if type(value) ~= "string" then return value == nil and "nothing" or "a " .. type(value) end
  local text = value
  if #text > bounds.shown_bytes then text = text:sub(1, bounds.shown_bytes) .. "..." end
  return '"' .. text:gsub("[^\32-\126]", "?") .. '"'
end

--- Adds a sentence; the values behind it are shown where it says %s.
---@param sentence string
---@param ... any
function Warnings:add(sentence, ...)
  if #self.list >= bounds.warnings then
    self.more = self.more + 1
    return
  end
  local shown = { ... }
  for i = 1, select("#", ...) do shown[i] = M.show(shown[i]) end
  self.list[#self.list + 1] = sentence:format(table.unpack(shown))
end

--- All sentences; the last one tells how many were left out.
---@return string[]
function Warnings:texts()
  local texts = table.move(self.list, 1, #self.list, 1, {})
  if self.more > 0 then texts[#texts + 1] = ("and %d more"):format(self.more) end
  return texts
end

return M
