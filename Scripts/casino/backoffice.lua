--- The back office: it knows the sites, the players and their sessions, and hears of every round.
-- Sessions are registered when they start; everything else goes through the outbox, so that nobody
-- who plays waits for it. docs/casino-backoffice.md tells the whole.

local nightjar = require "nightjar"
local client = require "backoffice.client"
local delivery = require "backoffice.delivery"
local jackpots = require "backoffice.jackpots"
local kept = require "lib.kept"
local limits = require "backoffice.limits"
local players = require "backoffice.players"
local sites = require "sites"

local store, log = nightjar.store, nightjar.log

local M = {}

-- The sites that the back office has told, as JSON texts by their ids. In the store, too: rounds
-- that are open after a restart belong to them.
local texts = kept "backoffice.sites"
-- Whether those in the store were read.
local progress = kept("backoffice.progress", { are_read = false })

local SITES = "backoffice.sites" -- a sorted set of their ids
local function key_of(id) return "backoffice.site:" .. id end

-- The same, read. Made anew after a reload, for the games may be others.
local known = {}

-- What the package gives us, see `M.setup`.
local games = nil

--- Tells which games there are.
---@param all casino.Games
function M.setup(all)
  games = all
  for _, name in ipairs(all.game_names()) do
    local game = all.game(name)
    if game then delivery.declare(game.id, game.manifest["return"]) end
  end
end

--- Is there a back office?
---@return boolean
function M.is_set() return client.is_set() end

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

-- Takes over a site; what plays on it goes on with the new settings.
local function take(id, text)
  if texts[id] == text and known[id] then return known[id] end
  local site = read(id, text)
  if not site then return nil end
  if texts[id] ~= text then
    store.batch { { "set", key_of(id), text }, { "add", SITES, id, 0 } }
    texts[id] = text
  end
  known[id] = site
  nightjar.casino.put_site(sites.describe(site))
  return site
end

--- The sites that the back office has told so far. Waits the first time.
---@return table<string, casino.Site>
function M.sites()
  if client.is_set() and not progress.are_read then
    for _, entry in ipairs(store.range(SITES) or {}) do
      local id = entry.member
      local text = texts[id] or store.get(key_of(id))
      if text then texts[id] = text end
    end
    progress.are_read = true
  end
  for id, text in pairs(texts) do known[id] = known[id] or read(id, text) end
  return known
end

-- Sites that the back office does not know, with the time of its answer: whoever makes up names
-- shall not make us ask for each of them again and again.
local unknown, unknown_count = {}, 0

--- A site that the back office has told. Waits if it may be asked for one.
---@param id string
---@param may_ask boolean whether to ask when it was never told
---@return casino.Site?
function M.site(id, may_ask)
  if known[id] or not may_ask or not client.is_set() then return known[id] end
  local now = nightjar.now()
  if unknown[id] and now - unknown[id] < limits.unknown_ms then return nil end
  local answer = client.request("GET", "sites/" .. client.escaped(id), nil,
    limits.register_seconds)
  if client.outcome(answer) == "done" then return take(id, answer.body) end
  if unknown_count >= limits.unknown_sites then unknown, unknown_count = {}, 0 end
  unknown[id], unknown_count = now, unknown_count + 1
  return nil
end

-- What `POST sessions` is told. Of a profile the platform's own names are taken.
local function registration_of(request)
  local profile = request.user.profile
  local function text(name)
    return type(profile[name]) == "string" and profile[name] or nil
  end
  return {
    platform = request.platform, site = request.site,
    user = {
      id = request.user.id, uid = request.user.uid, name = text "name", email = text "email",
    },
  }
end

-- The back office does not answer: local sites go on without it, and the player is registered late.
local function without(request, registration, is_local, detail)
  log.warn("a session was not registered with the back office",
    { detail = detail, user = request.user.uid, site = request.site })
  if not is_local then
    return nil, "unknown_site", "the back office is away, and no file describes the site"
  end
  players.remember(registration)
  return {}
end

--- Registers a session. Without a back office there is nothing to do.
---@param request {platform: string, site: string, user: {id: string, uid: string, profile: table}}
---@param is_local boolean whether a file describes the site
---@return {session_id: string?, player_id: string?}? ids nil: the session may not begin
---@return string? code
---@return string? detail
function M.register(request, is_local)
  if not client.is_set() then
    if is_local then return {} end
    return nil, "unknown_site", request.site
  end
  local registration = registration_of(request)
  local reply, outcome, detail = players.ask(registration, limits.register_seconds)
  if not reply then
    if outcome == "unknown" then
      -- While developing, a site need not be known to anybody.
      if nightjar.debug and is_local then return {} end
      return nil, "unknown_site", "the back office does not know the site " .. request.site
    end
    if detail == players.BLOCKED then return nil, "auth_failed", detail end
    return without(request, registration, is_local, detail)
  end
  players.remember(registration, reply)
  local site = reply.site and take(request.site, reply.site)
  local problem
  if reply.site and not site then
    problem = "the settings that the back office told cannot be used"
  elseif site and site.platform ~= request.platform then
    problem = ("the site is for the platform %s"):format(site.platform)
  elseif not site and not is_local then
    problem = "the back office told no settings, and no file describes the site"
  end
  if problem then
    players.close(reply.session_id)
    return nil, "unknown_site", problem
  end
  return { session_id = reply.session_id, player_id = reply.player_id }
end

-- Settings that have changed at the back office hold for those who play already, too.
local function refresh()
  for id in pairs(texts) do
    local answer = client.request("GET", "sites/" .. client.escaped(id))
    local outcome = client.outcome(answer)
    if outcome == "away" then return end
    if outcome == "done" then take(id, answer.body) end
  end
end

if client.is_set() then
  nightjar.timer.every("backoffice.delivery", limits.look_seconds, delivery.turn)
  nightjar.timer.every("backoffice.sites", limits.site_seconds, function()
    refresh()
    players.sweep()
  end)
end

--- Tells of the jackpots from now on.
---@param platforms table<string, casino.Platform>
---@param find fun(): table<string, casino.Site>
function M.tell_jackpots(platforms, find)
  if not client.is_set() then return end
  local names = {}
  for name, platform in pairs(platforms) do
    -- Nobody outside hears of what is only in memory.
    if platform.wallet ~= "memory" then names[#names + 1] = name end
  end
  nightjar.timer.every("backoffice.jackpots", limits.jackpot_seconds, function()
    jackpots.look(names, find)
  end)
end

--- After the start of the server.
function M.on_ready()
  if client.is_set() then players.end_left_over() end
end

return M
