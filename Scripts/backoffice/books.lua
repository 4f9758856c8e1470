--- The rounds, each once by its id, and the totals of the games: kept together in one transaction,
-- so that the totals are always those of the rounds that are there.
--
-- One writer takes what has come meanwhile and keeps it as a group, as the games' own store does.

local nightjar = require "nightjar"
local kept = require "lib.kept"
local limits = require "limits"
local reports = require "reports"
local returns = require "returns"

local store = nightjar.store

local M = {}

-- Sorted sets by the time of a round's end: all rounds, and those of a player, a game …
local ROUNDS, TOTALS = "rounds", "totals"

local function round_key(id) return "round " .. id end
local function totals_key(report)
  return ("totals %s/%s/%s"):format(report.site, report.game, report.denom)
end

-- Names of the sorted sets that a round is in.
local function sets_of(report)
  local sets = { ROUNDS, ("game %s/%s"):format(report.site, report.game) }
  if report.player_id then sets[#sets + 1] = "player rounds " .. report.player_id end
  sets[#sets + 1] = "outcome " .. (report.outcome or "settled")
  for _, mark in ipairs(report.marks or {}) do sets[#sets + 1] = "mark " .. mark end
  return sets
end

---@class backoffice.Waiting a report that waits to be kept
---@field report table
---@field answer? "kept"|"known"|"different"|"unavailable"

---@type backoffice.Waiting[]
local queue = {}
local is_writing = false
-- Totals as they are in the store, by their keys; none before the first round of this version.
local totals = {}
local is_begun = false

local function copy(from)
  local to = {}
  for name, value in pairs(from) do to[name] = type(value) == "table" and copy(value) or value end
  return to
end

-- The version of these scripts before may have a group on its way. The store works on changes in
-- their order: when this one is done, so is that.
local function begin()
  if is_begun then return true end
  is_begun = store.set("barrier", nightjar.now()) ~= nil
  return is_begun
end

-- A group while it is put together.
local function new_group()
  return { changes = {}, members = {}, rounds = {}, totals = {}, games = 0 }
end

local function totals_of(group, report)
  local key = totals_key(report)
  if group.totals[key] then return group.totals[key] end
  if not totals[key] then
    local found, code = store.get(key)
    if not found and code then return nil end
    totals[key] = found or returns.empty(report.site, report.game, report.denom)
  end
  group.totals[key] = copy(totals[key])
  group.games = group.games + 1
  return group.totals[key]
end

-- Puts a report into the group; false when the group has no room for it.
local function admit(group, waiting)
  local report = waiting.report
  local sets = sets_of(report)
  -- Itself and its sets; of each game the totals and their entry in the list of totals.
  local size = #group.changes + 1 + #sets + 2 * (group.games + 1)
  if size > limits.group_changes and #group.members > 0 then return false end
  local key = round_key(report.round_id)
  local known, code = group.rounds[key], nil
  if not known then known, code = store.get(key) end
  if known then
    waiting.answer = reports.is_same(report, known) and "known" or "different"
  elseif code then
    waiting.answer = "unavailable"
  else
    local sum = totals_of(group, report)
    if not sum then
      waiting.answer = "unavailable"
      return true
    end
    returns.add(sum, report)
    report.received = nightjar.now()
    group.rounds[key] = report
    group.members[#group.members + 1] = waiting
    group.changes[#group.changes + 1] = { "set", key, report }
    for _, set in ipairs(sets) do
      group.changes[#group.changes + 1] = { "add", set, report.round_id, report.ended }
    end
  end
  return true
end

local function finish(group)
  if #group.members == 0 then return end
  for key, sum in pairs(group.totals) do
    group.changes[#group.changes + 1] = { "set", key, sum }
    group.changes[#group.changes + 1] = { "add", TOTALS, key, 0 }
  end
  -- A newer version of these scripts has totals of its own: the server comes again, to it.
  local is_kept = not kept.is_stale() and store.batch(group.changes)
  for _, waiting in ipairs(group.members) do
    waiting.answer = is_kept and "kept" or "unavailable"
  end
  for key, sum in pairs(group.totals) do
    -- Whether a group that failed is there all the same, the store will say.
    totals[key] = is_kept and sum or nil
  end
end

local function write()
  while #queue > 0 do
    local group = new_group()
    local count = 0
    local can_begin = begin()
    while queue[count + 1] do
      if not can_begin then
        queue[count + 1].answer = "unavailable"
      elseif not admit(group, queue[count + 1]) then
        break
      end
      count = count + 1
    end
    finish(group)
    queue = table.move(queue, count + 1, #queue, 1, {})
    nightjar.event.notify("written")
  end
end

-- Ends what waits whatever happens: the servers come again.
local function run()
  local ok, problem = pcall(write)
  is_writing = false
  if ok then return end
  for _, waiting in ipairs(queue) do waiting.answer = "unavailable" end
  queue = {}
  nightjar.event.notify("written")
  error(problem, 0)
end

--- Keeps a round. Waits until it is on disk.
---@param report table one that `reports.problem` finds nothing wrong with
---@return "kept"|"known"|"different"|"unavailable"
function M.keep(report)
  if #queue >= limits.waiting then return "unavailable" end
  local waiting = { report = report }
  queue[#queue + 1] = waiting
  if not is_writing then
    is_writing = nightjar.spawn(run) == true
    if not is_writing then return "unavailable" end
  end
  while not waiting.answer do
    local _, code = nightjar.event.wait("written", 10)
    if code == "timeout" then return "unavailable" end
  end
  return waiting.answer
end

--- A round by its id.
---@param id string
---@return table?
function M.round(id) return (store.get(round_key(id))) end

---@class backoffice.Wanted which rounds; without any of these: all
---@field player? string
---@field outcome? string
---@field mark? string
---@field game? string site/game
---@field before? number only those that ended before, milliseconds since 1970

--- The latest rounds of those that are wanted, the newest first.
---@param wanted backoffice.Wanted
---@return table rows
---@return integer count how many of them there are
function M.rounds(wanted)
  local set = wanted.player and "player rounds " .. wanted.player
    or wanted.outcome and "outcome " .. wanted.outcome
    or wanted.mark and "mark " .. wanted.mark
    or wanted.game and "game " .. wanted.game or ROUNDS
  local rows = nightjar.json.array()
  local count = store.count(set) or 0
  -- The newest are at the end.
  local members = store.range(set, -limits.rows, -1) or {}
  for index = #members, 1, -1 do
    local report = M.round(members[index].member)
    if report then
      report.ops = nil
      rows[#rows + 1] = report
    end
  end
  return rows, count
end

--- The totals of all games.
---@return backoffice.Totals[]
function M.totals()
  local list = nightjar.json.array()
  for _, entry in ipairs(store.range(TOTALS) or {}) do
    list[#list + 1] = store.get(entry.member)
  end
  return list
end

return M
