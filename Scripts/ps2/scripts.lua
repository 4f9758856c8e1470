--- The trigger files: all in the folder `triggers`, and those of `examples` that the setting
-- `triggers` names. A file that comes, goes or changes loads the package anew; the triggers of the
-- other files go on with their counters, and the connection stays.

local nightjar = require "nightjar"
local kept = require "lib.kept"
local limits = require "limits"
local settings = require "settings"

local M = {}

---@class ps2.Script
---@field name string
---@field file string like "triggers/rank_up.lua"
---@field version string changes with the file

---@type ps2.Script[]
M.list = {}

-- The one that is being loaded.
local current

--- The script that is being loaded; nil while everything runs.
---@return ps2.Script?
function M.current() return current end

-- Tables that scripts keep, by name.
local states = {}

--- A table that survives reloads.
---@param name? string default: the script's
---@param first? table what it holds when there is nothing from before
---@param level integer whose line an error names
---@return table
function M.state(name, first, level)
  if not current then
    error("ps2.state: say it at the top of the file, not in a function that runs later", level + 1)
  end
  name = name or current.name
  if type(name) ~= "string" then error("ps2.state: the name is a text", level + 1) end
  if states[name] then
    error(('ps2.state: "%s" is kept in %s already'):format(name, states[name]), level + 1)
  end
  states[name] = current.file
  return kept("script " .. name, first)
end

local function names_in(folder)
  local names = {}
  for _, file in ipairs(nightjar.files(folder, ".lua")) do names[#names + 1] = file:sub(1, -5) end
  return names
end

--- Runs one file, while the package (or a spec) loads.
---@param folder "triggers"|"examples"
---@param name string
function M.run(folder, name)
  for _, script in ipairs(M.list) do
    if script.name == name then
      error(('%s/%s.lua: "%s" is on already, in %s'):format(folder, name, name, script.file), 0)
    end
  end
  if #M.list >= limits.files then
    error(("triggers: more than %d files"):format(limits.files), 0)
  end
  local file = folder .. "/" .. name .. ".lua"
  current = {
    name = name, file = file,
    version = nightjar.crypto.hex(nightjar.crypto.sha256(nightjar.data(file))):sub(1, 16),
  }
  M.list[#M.list + 1] = current
  require(folder .. "." .. name)
  current = nil
end

--- Runs all of them. Once, while the package loads.
function M.load()
  for _, name in ipairs(names_in "triggers") do M.run("triggers", name) end
  local examples = names_in "examples"
  for _, name in ipairs(settings.triggers) do
    local is_there = false
    for _, example in ipairs(examples) do is_there = is_there or example == name end
    if not is_there then
      local meant = nightjar.nearest(name, examples)
      local hint = meant and ('; did you mean "%s"?'):format(meant)
        or "; there are " .. table.concat(examples, ", ")
      error(('setting "triggers" of ps2: there is no example "%s"%s'):format(name, hint), 0)
    end
    M.run("examples", name)
  end
end

return M
