--- Tables that survive a reload.
--
--   local kept = require "lib.kept"
--   local counts = kept("counts", { seen = 0 })
--
-- `counts` is an ordinary table: read and write it as you like. When a script is saved, the new
-- version finds in it what the old one left. It may hold plain data only: numbers, strings,
-- booleans and tables of these.

local nightjar = require "nightjar"
local raise = require "lib.raise"

local M = {}

local tables = {}
-- Where each was declared.
local places = {}

--- Declares a table that survives reloads.
---@param key string its name; each may be declared once
---@param first? table what it holds when there is nothing from before
---@param level? integer whose line an error names: 1 the caller (default), 2 the caller's caller
---@return table
local function keep(_, key, first, level)
  level = (level or 1) + 1
  if tables[key] then
    error(("%s is kept twice; the first time: %s"):format(key, places[key]), level)
  end
  tables[key], places[key] = first or {}, raise.place(level)
  return tables[key]
end

--- Fills all tables with what the version before has left. `M.on_reload` calls it once.
function M.restore()
  for key, values in pairs(tables) do
    for name, value in pairs(nightjar.state.get(key, {})) do values[name] = value end
    local ok, problem = pcall(nightjar.state.set, key, values)
    -- Something is in it that cannot be kept: whoever declared it knows what that is.
    if not ok then
      problem = tostring(problem):gsub("^[^\n:]+:%d+: ", "")
      local place = places[key] ~= "" and places[key] .. ": " or ""
      raise.there(("%s%s cannot be kept: %s"):format(place, key, problem))
    end
  end
end

--- Whether a newer version of the scripts has taken over. What this one still changes is lost, so
-- whoever has waited and wants to change something asks first.
---@return boolean
function M.is_stale()
  return not nightjar.state.set("kept.probe", true)
end

return setmetatable(M, { __call = keep })
