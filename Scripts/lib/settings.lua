--- Settings of a package: what `"packages": {"NAME": {…}}` in config.json may say. A package
-- declares them in one place; a misspelt name or a value that does not fit keeps it from loading.
--
--     local settings = require "lib.settings"
--     local M = settings.read {
--       polling = { type = "boolean", default = false },
--       timeout_ms = { type = "integer", min = 1, max = 86400000, default = 300000 },
--     }
--     return M
--
-- An error names the line of `settings.read`, unless that is what the file returns at once: of a
-- call behind `return` no line is known.

local nightjar = require "nightjar"

local M = {}

---@class (exact) lib.Setting
---@field type "boolean"|"integer"|"number"|"string"|"table"
---@field default boolean|number|string|table what the package gets if the setting is absent
---@field min? number the least that is allowed, for numbers
---@field max? number the most
---@field values? string[] all that are allowed, for strings

local function fits(value, setting)
  local wanted = setting.type
  if wanted == "integer" then
    if math.type(value) ~= "integer" then return false end
  elseif type(value) ~= wanted then
    return false
  end
  if wanted == "integer" or wanted == "number" then
    return value >= (setting.min or -math.huge) and value <= (setting.max or math.huge)
  end
  if not setting.values then return true end
  for _, allowed in ipairs(setting.values) do
    if value == allowed then return true end
  end
  return false
end

-- "a whole number from 1 to 10".
local function expected(setting)
  if setting.values then return "one of " .. table.concat(setting.values, ", ") end
  local names = { boolean = "true or false", integer = "a whole number", number = "a number" }
  local text = names[setting.type] or "a " .. setting.type
  if setting.min then text = text .. " from " .. setting.min end
  if setting.max then text = text .. (setting.min and " to " or " up to ") .. setting.max end
  return text
end

local function problem_of(name, problem)
  return ("setting \"%s\" of %s: %s"):format(name, nightjar.package, problem)
end

-- What is wrong with a name that is not declared.
local function unknown(given, declared)
  local names = {}
  for name in pairs(declared) do names[#names + 1] = name end
  table.sort(names)
  for name in pairs(given) do
    if not declared[name] then
      local meant = nightjar.nearest(name, names)
      if #names == 0 then
        return problem_of(name, "there is no such setting; this package has none")
      end
      local hint = meant and ("did you mean \"" .. meant .. "\"?")
        or "known are " .. table.concat(names, ", ")
      return problem_of(name, "there is no such setting; " .. hint)
    end
  end
  return nil
end

--- Gives the values of all declared settings.
---@param declared table<string, lib.Setting>
---@return table<string, any>
function M.read(declared)
  local given, result = nightjar.config.all(), {}
  local problem = unknown(given, declared)
  if problem then error(problem, 2) end
  for name, setting in pairs(declared) do
    local value = given[name]
    if value == nil or value == nightjar.json.null then value = setting.default end
    if not fits(value, setting) then
      error(problem_of(name, expected(setting) .. " expected"), 2)
    end
    result[name] = value
  end
  return result
end

return M
