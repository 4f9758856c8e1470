--- Tables that survive a reload.
--
--   local kept = require "lib.kept"
--   local counts = kept("counts", { seen = 0 })
--
-- `counts` is an ordinary table: read and write it as you like. When a script is saved, the new
-- version finds in it what the old one left. It may hold plain data only: numbers, strings,
-- booleans and tables of these.

local nightjar = require "nightjar"

local M = {}

local tables = {}

--- Declares a table that survives reloads.
---@param key string its name; each may be declared once
---@param first? table what it holds when there is nothing from before
---@return table
local function keep(_, key, first)
  assert(not tables[key], key .. " is kept twice")
  tables[key] = first or {}
  return tables[key]
end

--- Fills all tables with what the version before has left. `M.on_reload` calls it once.
function M.restore()
  for key, values in pairs(tables) do
    for name, value in pairs(nightjar.state.get(key, {})) do values[name] = value end
    nightjar.state.set(key, values)
  end
end

--- Whether a newer version of the scripts has taken over. What this one still changes is lost, so
-- whoever has waited and wants to change something asks first.
---@return boolean
function M.is_stale()
  return not nightjar.state.set("kept.probe", true)
end

return setmetatable(M, { __call = keep })
