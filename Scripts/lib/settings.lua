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
-- A mistake names the operator's file, with its line and the path in it, like
-- `config.json:7: packages.NAME.poling: there is no such setting; did you mean "polling"?`. What a
-- package finds wrong by itself it says with `settings.mistake`, so that it reads the same.

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

--- Says that a setting cannot be used, and ends the load.
---@param name string
---@param problem string what is expected
function M.mistake(name, problem) nightjar.config.mistake(name, problem) end

-- Finds a name that is not declared.
local function check_names(given, declared)
  local names = {}
  for name in pairs(declared) do names[#names + 1] = name end
  table.sort(names)
  for name in pairs(given) do
    if not declared[name] then
      local meant = nightjar.nearest(name, names)
      local hint = meant and ("did you mean \"" .. meant .. "\"?")
        or #names > 0 and "known are " .. table.concat(names, ", ") or "this package has none"
      M.mistake(name, "there is no such setting; " .. hint)
    end
  end
end

--- Gives the values of all declared settings.
---@param declared table<string, lib.Setting>
---@return table<string, any>
function M.read(declared)
  local given, result = nightjar.config.all(), {}
  check_names(given, declared)
  for name, setting in pairs(declared) do
    local value = given[name]
    local is_given = value ~= nil and value ~= nightjar.json.null
    if not is_given then value = setting.default end
    if not fits(value, setting) then
      local problem = expected(setting) .. " expected"
      if is_given then M.mistake(name, problem) end
      -- The default is the declaration's own.
      error(("the default of \"%s\": %s"):format(name, problem), 2)
    end
    result[name] = value
  end
  return result
end

return M
