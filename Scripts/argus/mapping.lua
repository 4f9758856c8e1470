--- The mapping: what viewers are shown for a code name. `data/ui_mappings.json` is one, an
-- operator's own file another; both are checked here, and what is wrong is told with its place.

local bounds = require "bounds"
local json = require("nightjar").json
local places = require "mapping.places"
local schema = require "mapping.schema"

local M = {}

---@class argus.Effect
---@field text string
---@field [string] string|number one field for each rarity, or for each level of a familiar

---@class argus.Entry
---@field name string
---@field description? string
---@field gods? string[] of a boon; hammers have none, or "Hammer"
---@field slot? "Weapon"|"Special"|"Cast"|"Sprint"|"Mana"
---@field effects? argus.Effect[]
---@field requirements? {type: string?, items: string[]}[]
---@field [string] any

---@class argus.Mapping
---@field boons table<string, argus.Entry>
---@field weapons table<string, argus.Entry>
---@field familiars table<string, argus.Entry>
---@field keepsakes table<string, argus.Entry>
---@field hexes table<string, argus.Entry>
---@field vows table<string, {name: string, descriptions: string[], fears: number[]}>
---@field arcana table<string, {name: string, grasp: number, descriptions: string[]}>

--- Checks a mapping.
---@param value any as JSON has it
---@return argus.Mapping? mapping a copy that nothing else holds; nil if something is wrong
---@return {path: string[], text: string}[] problems
local function checked(value)
  local problems = {}
  local mapping = schema.mapping(value, function(path, text)
    if #problems < bounds.problems then
      problems[#problems + 1] = { path = table.move(path, 1, #path, 1, {}), text = text }
    end
  end)
  if #problems > 0 then return nil, problems end
  return mapping, problems
end

local function sentence(problem)
  if #problem.path == 0 then return "the mapping " .. problem.text end
  return places.written(problem.path) .. " " .. problem.text
end

--- Checks a mapping.
---@param value any as JSON has it
---@return argus.Mapping? mapping a copy; nil if something is wrong
---@return string[]? problems with nil: texts with the path
function M.check(value)
  local mapping, problems = checked(value)
  if mapping then return mapping end
  local texts = {}
  for i, problem in ipairs(problems) do texts[i] = sentence(problem) end
  table.sort(texts)
  return nil, texts
end

local function line_of(text, at)
  local _, lines = text:sub(1, at - 1):gsub("\n", "\n")
  return lines + 1
end

--- Reads a mapping file.
---@param text string
---@return argus.Mapping? mapping
---@return string? message with nil: a line of text for each problem, with the line in the file
function M.read(text)
  if #text > bounds.mapping_bytes then
    return nil, ("the file has %d bytes, more than %d"):format(#text, bounds.mapping_bytes)
  end
  -- Some editors put a mark before the text that JSON does not know.
  text = text:gsub("^\xEF\xBB\xBF", "")
  local value, _, detail = json.decode(text)
  if value == nil then
    local at = tonumber(detail and detail:match "at byte (%d+)")
    local line = at and ("line %d: "):format(line_of(text, at)) or ""
    return nil, line .. "no JSON: " .. tostring(detail)
  end
  local mapping, problems = checked(value)
  if mapping then return mapping end
  for _, problem in ipairs(problems) do problem.at = places.find(text, problem.path) end
  table.sort(problems, function(a, b) return a.at < b.at end)
  local lines = {}
  for i, problem in ipairs(problems) do
    lines[i] = ("line %d: %s"):format(line_of(text, problem.at), sentence(problem))
  end
  return nil, table.concat(lines, "\n")
end

return M
