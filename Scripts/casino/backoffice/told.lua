--- The sites that the back office has told. They are in the store, too: rounds that are open after
-- a restart belong to them.

local nightjar = require "nightjar"
local checks = require "checks"
local client = require "backoffice.client"
local held = require "lib.held"
local kept = require "lib.kept"
local limits = require "backoffice.limits"
local sites = require "sites"

local store, log, event = nightjar.store, nightjar.log, nightjar.event

local M = {}

-- The sites as JSON texts by their ids.
local texts = kept "backoffice.sites"
-- The ids of those whose text the store has not taken yet.
local unsaved = kept "backoffice.unsaved"
-- Whether those in the store were read.
local progress = kept("backoffice.progress", { are_read = false })

local SITES = "backoffice.sites" -- a sorted set of their ids
local function key_of(id) return "backoffice.site:" .. id end

-- The same, read. Made anew after a reload, for the games may be others.
local known = {}

-- Those of the texts that cannot be used, each with the time when that was seen: nobody's message
-- shall wait for them to be read again, nor the log hear of it each time.
local broken = {}

-- Those that the back office has told and does not know any more.
local gone = {}

-- Which games there are, see `M.setup`.
local games = nil

--- Tells which games there are.
---@param all casino.Games
function M.setup(all) games = all end

local function report_to_log(_, line, message)
  log.error("a site of the back office: " .. message, { line = line })
end

local function warn_to_log(_, line, message)
  log.warn("a site of the back office: " .. message, { line = line })
end

-- Reads a site that the back office has told; nil when it cannot be used, which is logged.
local function read(id, text)
  local site = sites.read({ file = "site " .. id .. " of the back office", text = text }, games,
    { mistake = report_to_log, warning = warn_to_log }, { is_remote = true })
  if site and site.id ~= id then
    log.error("the back office has told another site", { wanted = id, told = site.id })
    return nil
  end
  return site
end

local function is_recent(time) return time and nightjar.now() - time < limits.unknown_ms end

-- Reads a text that was kept. One that cannot be used is read again when the games may have
-- changed.
local function read_kept(id, text)
  local former = broken[id]
  if former and former.text == text and is_recent(former.at) then return nil end
  local site = read(id, text)
  broken[id] = not site and { text = text, at = nightjar.now() } or nil
  return site
end

-- Gives the host a site; whether it has taken it.
local function put(id, site)
  local done, code, detail = nightjar.casino.put_site(sites.describe(site))
  if not done then
    log.error("a site of the back office is not taken over",
      { site = id, code = code, detail = detail })
  end
  return done
end

--- Takes over a site; what plays on it goes on with the new settings. A store that does not take it
--- is tried again whenever the site is told. Waits.
---@param id string
---@param text string JSON
---@return casino.Site? site nil: it cannot be used
function M.take(id, text)
  gone[id] = nil
  local is_new = texts[id] ~= text or not known[id]
  if not is_new and not unsaved[id] then return known[id] end
  if is_new then
    local site = read(id, text)
    if not site or not put(id, site) then return nil end
    known[id], texts[id], unsaved[id] = site, text, true
  end
  local done, code, detail = store.batch { { "set", key_of(id), text }, { "add", SITES, id, 0 } }
  if not done then
    log.error("a site of the back office is not kept", { site = id, code = code, detail = detail })
  elseif texts[id] == text then
    unsaved[id] = nil
  end
  return known[id]
end

-- The sites that lie in the store and are not known: texts by id; nil, code, detail when one cannot
-- be read.
local function stored()
  local members, code, detail = store.range(SITES)
  if not members then return nil, code, detail end
  local found = {}
  for _, entry in ipairs(members) do
    local id = entry.member
    if not texts[id] then
      local text, problem, words = store.get(key_of(id))
      if text then
        found[id] = text
      elseif problem then
        return nil, problem, words
      end
    end
  end
  return found
end

-- Whether the host was given sites without those in the store.
local is_late = false

local function read_stored()
  local found, code, detail = stored()
  if not found then
    is_late = true
    log.error("the sites of the back office are not read", { code = code, detail = detail })
    return
  end
  progress.are_read = true
  for id, text in pairs(found) do
    if not texts[id] then
      texts[id] = text
      known[id] = read_kept(id, text)
      if known[id] and is_late then put(id, known[id]) end
    end
  end
end

--- The sites that the back office has told so far. Waits until those in the store were read.
---@return table<string, casino.Site>
function M.sites()
  if client.is_set() and not progress.are_read then read_stored() end
  for id, text in pairs(texts) do known[id] = known[id] or read_kept(id, text) end
  return known
end

-- Sites that the back office does not tell, or that cannot be used as it tells them, with the time
-- of its answer and whether it was a 404: whoever makes up names shall not make us ask for each of
-- them again and again.
local unknown, unknown_count = {}, 0
-- When nobody answered last.
local away_at = nil

local function is_unknown(id) return unknown[id] ~= nil and is_recent(unknown[id].at) end

-- The sites that are asked for now, and the places of those who ask and of those who wait for what
-- somebody else has asked.
local asking = held.new()
local askers = checks.new(limits.site_asks_per_address, limits.site_asks)
local waiters = checks.new(limits.site_waiters_per_address, limits.site_waiters)

local function ask(id)
  local answer = client.request("GET", "sites/" .. client.escaped(id), nil,
    limits.register_seconds)
  local outcome = client.outcome(answer)
  if outcome == "done" and M.take(id, answer.body) then return end
  -- Who is away has said nothing about the site.
  if outcome == "away" then
    away_at = nightjar.now()
    return
  end
  if unknown_count >= limits.unknown_sites then unknown, unknown_count = {}, 0 end
  unknown[id] = { at = nightjar.now(), is_missing = outcome == "unknown" }
  unknown_count = unknown_count + 1
end

-- Asks for a site, or waits for what is heard of it. Without a place: nothing.
local function find(id, address)
  local is_asked = asking:is_held(id)
  local places = is_asked and waiters or askers
  local place = places:enter(address, nightjar.now())
  if not place then return end
  -- An id may be longer than the name of an event.
  local woken = "backoffice.site." .. nightjar.crypto.hex(nightjar.crypto.sha256(id))
  local ok, problem
  if is_asked then
    ok, problem = pcall(event.wait, woken, limits.register_seconds)
  else
    asking:hold(id)
    ok, problem = pcall(ask, id)
    asking:release(id)
    event.notify(woken)
  end
  places:leave(place)
  if not ok then error(problem, 0) end
end

--- A site that the back office has told. Waits if it may be asked for one.
---@param id string
---@param may_ask boolean whether to ask when it was never told
---@param address string where the question comes from
---@return casino.Site?
---@return boolean? is_open with nil: whether there is one is not known now
function M.site(id, may_ask, address)
  if known[id] or not may_ask or not client.is_set() then return known[id] end
  if #id > sites.ID_BYTES_MAX or is_unknown(id) then return nil end
  find(id, address)
  return known[id], not known[id] and not is_unknown(id)
end

--- Whether no session begins on a site that is described, for the back office does not know it.
-- Waits, but not for a back office that has just been away: such a site goes on without.
---@param id string
---@param address string where the question comes from
---@return boolean
function M.refuses(id, address)
  if nightjar.debug or not client.is_set() then return false end
  if gone[id] or known[id] then return gone[id] == true end
  if not is_unknown(id) and not is_recent(away_at) then find(id, address) end
  return not known[id] and is_unknown(id) and unknown[id].is_missing
end

--- Settings that have changed at the back office hold for those who play already, too. Waits.
function M.refresh()
  local ids = {}
  for id in pairs(M.sites()) do ids[id] = true end
  for id in pairs(texts) do ids[id] = true end
  for id in pairs(ids) do
    local answer = client.request("GET", "sites/" .. client.escaped(id))
    local outcome = client.outcome(answer)
    if outcome == "away" then return end
    if outcome == "done" then M.take(id, answer.body) end
    if outcome == "unknown" then gone[id] = true end
  end
end

return M
