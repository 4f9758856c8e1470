--- The trigger files: all in the folder `triggers`, and those of `examples` that the setting
-- `triggers` names. A file that comes, goes or changes loads the package anew; the triggers of the
-- other files go on with their counters, and the connection stays.

local nightjar = require "nightjar"
local core = require "core"
local kept = require "lib.kept"
local limits = require "limits"
local raise = require "lib.raise"
local settings = require "settings"

local M = {}

---@class ps2.Script
---@field name string
---@field file string like "triggers/rank_up.lua"
---@field version string changes with the file

---@type ps2.Script[]
M.list = {}

---@class (exact) ps2.Broken a file that is left out because it does not load
---@field name string
---@field file string
---@field problem string with file and line
---@field is_misnamed? boolean nothing but its name is wrong: it refuses no other file

---@type ps2.Broken[]
M.broken = {}

-- The one that is being loaded.
local current

--- The script that is being loaded; nil while everything runs.
---@return ps2.Script?
function M.current() return current end

-- A file that was changed begins anew with its triggers, whatever the change was.
core.set.version = function() return current and current.version end

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
  -- No tail call: levels count calls.
  local made = kept("script " .. name, first, level + 1)
  return made
end

local function names_in(folder)
  local names = {}
  for _, file in ipairs(nightjar.files(folder, ".lua")) do names[#names + 1] = file:sub(1, -5) end
  return names
end

-- Names become names of modules.
local NAME_BYTES = 64

local function is_name(name) return #name <= NAME_BYTES and name:find("^[%w_-]+$") ~= nil end

-- A name stays taken by a file that does not load: the example of the same name is not meant.
local function file_of(name)
  for _, list in ipairs { M.list, M.broken } do
    for _, script in ipairs(list) do
      if script.name == name then return script.file end
    end
  end
  return nil
end

--- Runs one file, while the package (or a spec) loads.
---@param folder string "triggers" or "examples"
---@param name string
function M.run(folder, name)
  local file, other = folder .. "/" .. name .. ".lua", file_of(name)
  if other then error(('%s: "%s" is on already, in %s'):format(file, name, other), 0) end
  current = {
    name = name, file = file,
    version = nightjar.crypto.hex(nightjar.crypto.sha256(nightjar.data(file))):sub(1, 16),
  }
  M.list[#M.list + 1] = current
  require(folder:gsub("/", ".") .. "." .. name)
  current = nil
end

--- Runs one file; one that does not load is left out with all its triggers, and noted in `broken`.
---@param folder string
---@param name string
function M.try(folder, name)
  local scripts, triggers = #M.list, #core.set:list()
  local ok, failure = pcall(M.run, folder, name)
  if ok then return end
  current, M.list[scripts + 1] = nil, nil
  -- Half of a file is nobody's wish.
  local all = core.set:list()
  for index = #all, triggers + 1, -1 do core.set:remove(all[index]) end
  local file, problem = folder .. "/" .. name .. ".lua", tostring(failure)
  if not problem:find(file, 1, true) then problem = file .. ": " .. problem end
  M.broken[#M.broken + 1] = { name = name, file = file, problem = problem }
end

--- A file that no module can be named after: it is left out, and that is told.
---@param folder string
---@param name string
---@param is_lenient boolean
function M.misnamed(folder, name, is_lenient)
  local file = folder .. "/" .. name .. ".lua"
  local problem = ("%s: the name of a trigger file has letters from a to z, digits, _ and -, at "
    .. "most %d of them, before .lua"):format(file, NAME_BYTES)
  if not is_lenient then error(problem, 0) end
  M.broken[#M.broken + 1] = { name = name, file = file, problem = problem, is_misnamed = true }
end

--- Runs all of them. Once, while the package loads.
---@param is_lenient boolean whether the others run when one does not load; see `settle`
function M.load(is_lenient)
  local run, names = is_lenient and M.try or M.run, names_in "triggers"
  if #names + #settings.triggers > limits.files then
    error(("triggers: more than %d files"):format(limits.files), 0)
  end
  for _, name in ipairs(names) do
    if is_name(name) then run("triggers", name) else M.misnamed("triggers", name, is_lenient) end
  end
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
    run("examples", name)
  end
end

--- What becomes of files that did not load. Beside a former generation this one is refused: its
-- triggers are better than some less; but for a name nothing is refused. At a start there is
-- nothing better than the other files.
---@param has_former boolean
function M.settle(has_former)
  for _, broken in ipairs(M.broken) do
    if has_former and not broken.is_misnamed then raise.there(broken.problem) end
    nightjar.log.error("a trigger file does not load, its triggers are off", {
      file = broken.file, error = broken.problem,
    })
  end
end

return M
