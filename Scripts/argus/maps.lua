--- The mapping: how boons, cards and vows are called and what they do. The package ships one; a
-- file of the operator's, in the data folder, takes its place.
--
-- A change of the file loads the package anew. A broken one is refused, with line and reason, and
-- the one before stays in use. A server that starts with a broken one uses the one that
-- comes along, and says so: better plain words on the stream than no stream.

local nightjar = require "nightjar"
local mapping = require "mapping"
local web = require "web"

local M = {}

local FILE = "data/ui_mappings.json"
-- As people are told of them: the operator's own file lies in the data folder.
local OWN, SHIPPED = "packages/argus/data/ui_mappings.json", "Scripts/argus/data/ui_mappings.json"

---@class argus.Maps
---@field mapping table sections by name
---@field text string the file, for the overlay
---@field etag string

-- Of the operator's file, if it is broken.
local broken, broken_etag

--- Takes a file for the mapping.
---@param text string
---@return boolean? done
---@return string? problem with nil: line and reason
function M.use(text)
  local read, problem = mapping.read(text)
  if not read then return nil, problem end
  M.mapping, M.text, M.etag = read, text, web.etag(text)
  return true
end

--- Takes the file that is there. main.lua calls it while the package loads; specs have a small
-- mapping of their own, so that an edit of the real one waits for none of them.
function M.load()
  local text = nightjar.data(FILE)
  local done, problem = M.use(text)
  if done then return end
  broken, broken_etag = OWN .. ": " .. problem, web.etag(text)
  done, problem = M.use(nightjar.data(FILE, { shipped = true }))
  if not done then error(SHIPPED .. ": " .. problem, 0) end
end

-- Under this name it is kept that a version of the scripts has gone live, and with which broken
-- file it did.
local STARTED = "mapping at the start"

-- And under this one the mapping in use, for the case that the file breaks.
local IN_USE = "mapping in use"

--- Refuses a broken file unless the server has started with it: the mapping from before stays in
-- use. All else goes live, so that a broken mapping keeps nobody from editing lists.
-- `M.on_reload` calls this.
---@param what? string for specs: what is wrong with the operator's file
---@param etag? string which file that is
---@param state? table what survives reloads
---@param tell fun(problem: string, is_start: boolean)
function M.accept(what, etag, state, tell)
  if not state then what, etag, state = broken, broken_etag, nightjar.state end
  local before = state.get(STARTED)
  if what and before and before ~= etag then
    local kept = state.get(IN_USE)
    if not kept then error(what, 0) end
    tell(what, false)
    assert(M.use(kept))
    return
  end
  if what and not before then tell(what, true) end
  state.set(STARTED, etag or "fine")
  state.set(IN_USE, M.text)
end

--- Reads a file that may become the mapping.
---@param candidate string
---@return table? mapping
---@return string? problem with line and reason
function M.check(candidate) return mapping.read(candidate) end

-- Sections in the order of the file's description.
local SECTIONS = { "boons", "weapons", "familiars", "keepsakes", "hexes", "vows", "arcana" }

--- How many entries a mapping has, in words.
---@param map table
---@return string
function M.counts(map)
  local parts = {}
  for index, section in ipairs(SECTIONS) do
    local number = 0
    for _ in pairs(map[section] or {}) do number = number + 1 end
    parts[index] = number .. " " .. section
  end
  return table.concat(parts, ", ")
end

--- `GET /argus/mapping`: the mapping in use, for the overlay.
---@param request nightjar.Request
---@return nightjar.Answer
function M.get(request)
  local headers = {
    ["content-type"] = "application/json", etag = M.etag, ["cache-control"] = "no-cache",
  }
  if web.has(request, M.etag) then return { status = 304, headers = headers, body = "" } end
  return { status = 200, headers = headers, body = M.text }
end

return M
