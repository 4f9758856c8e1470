--- Types of fields, and values brought to them. Scripts and services write the same value in
-- several ways (7169 and "7169", true and "1"); a trigger must not care.

local nearest = require "lib.nearest"

local M = {}

---@alias triggers.Type "integer"|"number"|"boolean"|"string"

---@class (exact) triggers.Field
---@field type triggers.Type
---@field optional? boolean the event is taken without it
---@field default? integer|number|boolean|string the value then

local TYPES = { "integer", "number", "boolean", "string" }

local NAMES = {
  integer = "a whole number", number = "a number", boolean = "true or false", string = "a text",
}

--- "a whole number".
---@param type triggers.Type
---@return string
function M.name(type) return NAMES[type] end

--- A field as it was declared: `"integer"`, `"integer?"` or a table.
---@param declared string|triggers.Field
---@return triggers.Field?, string? problem
function M.field(declared)
  local field = declared
  if type(declared) == "string" then
    local name, mark = declared:match("^(%a+)(%??)$")
    field = { type = name or declared, optional = mark == "?" }
  end
  if type(field) ~= "table" or type(field.type) ~= "string" then
    return nil, "expected a type, like \"integer\" or \"integer?\""
  end
  if not NAMES[field.type] then
    return nil, ("no type %q%s"):format(field.type, nearest.hint(field.type, TYPES))
  end
  return { type = field.type, optional = field.optional or field.default ~= nil,
    default = field.default }
end

local BOOLEANS = {
  [true] = true, [false] = false, [0] = false, [1] = true,
  ["0"] = false, ["1"] = true, ["false"] = false, ["true"] = true,
}

local convert = {}

function convert.integer(value)
  if type(value) == "string" then
    -- Only what a service writes: tonumber would take "0x10" and " 7 " too.
    if not value:find("^-?%d+$") then return nil end
    value = tonumber(value)
  end
  if math.type(value) == "float" then
    -- A text with more digits than 64 bits hold has become a float.
    return value % 1 == 0 and math.tointeger(value) or nil
  end
  return math.type(value) == "integer" and value or nil
end

function convert.number(value)
  if type(value) == "string" then
    if not value:find("^-?%d") then return nil end
    value = tonumber(value)
  end
  return type(value) == "number" and value or nil
end

function convert.boolean(value) return BOOLEANS[value] end

function convert.string(value)
  if type(value) == "string" then return value end
  return type(value) == "number" and tostring(value) or nil
end

--- The value in the field's type; nil if it is none.
---@param value any
---@param wanted triggers.Type
---@return any
function M.convert(value, wanted)
  if value == nil then return nil end
  return convert[wanted](value)
end

return M
