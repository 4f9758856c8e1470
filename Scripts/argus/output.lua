--- From the eight strings of a run to the JSON that viewers show, and to the parts it is sent in.

local nightjar = require "nightjar"
local in_use = require "in_use"
local limits = require "limits"
local maps = require "maps"
local parse = require "parse"
local split = require "split"
local web = require "web"

local M = {}

--- The JSON of a run.
---@param strings table<string, string>
---@return string text
---@return string[] warnings
function M.json(strings)
  local output, warnings = parse.output(strings, maps.mapping, in_use.lists)
  -- Sorted, so that the same run is the same text, and has the same tag.
  return assert(nightjar.json.encode(output, { sort = true })), warnings or {}
end

local function tell(channel, warnings)
  for index, warning in ipairs(warnings) do
    if index > limits.warnings then
      local more = #warnings - limits.warnings
      nightjar.log.info("more was odd about the run", { channel = channel, more = more })
      return
    end
    nightjar.log.info("odd in a run", { channel = channel, warning = warning })
  end
end

--- The output of a run of a channel. A mistake in a script is told, and costs nobody else anything.
---@param strings table<string, string>
---@param channel string
---@return argus.Output?
function M.make(strings, channel)
  local ok, text, warnings = pcall(M.json, strings)
  if not ok then
    nightjar.log.error("a run could not be parsed", { channel = channel, error = tostring(text) })
    return nil
  end
  tell(channel, warnings)
  return { text = text, count = split.count(text) or math.huge, etag = web.etag(text) }
end

--- The parts of a broadcast, with a number of its own that nobody has used before.
---@param text string
---@return string[]
function M.parts(text)
  return split.parts(text, nightjar.random.integer(0, 0xFFFFFFFF)) or {}
end

return M
