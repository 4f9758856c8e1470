--- What a set knows of the events it gets: which fields they have, where these lie in a message,
-- which properties of a trigger filter them.

local nearest = require "lib.nearest"
local types = require "lib.triggers.types"
local words = require "lib.triggers.words"

local M = {}

---@class (exact) triggers.Filter
---@field property string of a trigger: "characters"
---@field fields string[] of the event; one of them must hold one of the trigger's values
---@field type? triggers.Type of the values

---@class (exact) triggers.Events
---@field name? string the field that holds an event's name; default "event_name"
--- the member of a message in which the fields lie; default: the message itself
---@field within? string
---@field envelope? table<string, string> members of a message that say that it is an event
---@field common? table<string, string|triggers.Field> fields of every event that is declared
---@field kinds? table<string, table<string, string|triggers.Field>> further fields, by event name
---@field aliases? table<string, string> other names of events: alias → name
--- of a name that means only some events of another name: that name, the field that tells them, its
--- value
---@field narrow? fun(name: string): string?, string?, any
---@field filters? triggers.Filter[] in the order in which they are tested
--- what is probably wrong with the name of an event that nobody declared, in words; nil: nothing is
--- known against it
---@field doubt? fun(name: string): string?
--- what a trigger may say besides, which is no test: it becomes a field of the trigger
---@field properties? table<string, triggers.Type>
---@field missing? any what a missing field counts as in filters; default -1

---@class triggers.Schema
---@field name string
---@field within? string
---@field envelope table<string, string>
---@field kinds table<string, table<string, triggers.Field>>
---@field aliases table<string, string>
---@field narrow fun(name: string): string?, string?, any
---@field filters triggers.Filter[]
---@field properties table<string, triggers.Type>
--- what triggers may say; see `definition.lua`
---@field keys? {list: string[], known: table<any, true>}
---@field fields_of table<string, triggers.Fields> by event
---@field doubt? fun(name: string): string?
---@field missing any

local KEYS = {
  "name", "within", "envelope", "common", "kinds", "aliases", "narrow", "filters", "properties",
  "doubt", "missing",
}

local function read_fields(kinds, kind, declared, into)
  for field, wish in pairs(declared) do
    local read, problem = types.field(wish)
    if not read then error(("events.%s.%s.%s: %s"):format(kinds, kind, field, problem), 0) end
    into[field] = read
  end
end

--- Reads the declaration; raises what is wrong with it.
---@param declared? triggers.Events
---@return triggers.Schema
function M.read(declared)
  declared = declared or {}
  for key in pairs(declared) do
    local known = false
    for _, name in ipairs(KEYS) do known = known or key == name end
    if not known then
      error(("events has no %s%s"):format(words.show(key), nearest.hint(tostring(key), KEYS)), 0)
    end
  end
  local name = declared.name or "event_name"
  local kinds = {}
  for kind, fields in pairs(declared.kinds or {}) do
    kinds[kind] = { [name] = { type = "string", optional = true } }
    read_fields("common", kind, declared.common or {}, kinds[kind])
    read_fields("kinds", kind, fields, kinds[kind])
  end
  return {
    name = name, within = declared.within, envelope = declared.envelope or {}, kinds = kinds,
    aliases = declared.aliases or {}, narrow = declared.narrow or function() return nil end,
    doubt = declared.doubt, filters = declared.filters or {},
    properties = declared.properties or {}, fields_of = {},
    missing = declared.missing == nil and -1 or declared.missing,
  }
end

return M
