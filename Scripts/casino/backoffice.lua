--- The back office: it knows the sites, the players and their sessions, and hears of every round.
-- Sessions are registered when they start; everything else goes through the outbox, so that nobody
-- who plays waits for it. docs/casino-backoffice.md tells the whole.

local nightjar = require "nightjar"
local client = require "backoffice.client"
local delivery = require "backoffice.delivery"
local jackpots = require "backoffice.jackpots"
local limits = require "backoffice.limits"
local players = require "backoffice.players"
local told = require "backoffice.told"

local log = nightjar.log

local M = {}

--- Tells which games there are.
---@param all casino.Games
function M.setup(all)
  told.setup(all)
  for _, name in ipairs(all.game_names()) do
    local game = all.game(name)
    if game then delivery.declare(game.id, game.manifest["return"]) end
  end
end

--- Is there a back office?
---@return boolean
function M.is_set() return client.is_set() end

M.sites = told.sites
M.site = told.site
M.refuses = told.refuses

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
  local site = reply.site and told.take(request.site, reply.site)
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

if client.is_set() then
  nightjar.timer.every("backoffice.delivery", limits.look_seconds, delivery.turn)
  nightjar.timer.every("backoffice.sites", limits.site_seconds, function()
    told.refresh()
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
