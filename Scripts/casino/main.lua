--- The casino: its sites, who may play on them, its pages and session components. Sessions, money
-- and game states are the host's own business; it asks here once per session and per message to a
-- component, never per bet.

local nightjar = require "nightjar"
local backoffice = require "backoffice"
local kept = require "lib.kept"
local lobby = require "lobby"
local platforms = require "platforms"
local portals = require "portals"
local pots = require "pots"
local settings = require "settings"
local sites = require "sites"
local userdata = require "userdata"

local casino, json = nightjar.casino, nightjar.json

local M = {}

-- What is odd about a site but does not keep it from being used, by its file: for its lobby.
local warnings = {}

-- The games there are; the host can be asked for them only while this file loads.
local names_of_games, known_games = casino.game_names(), {}
for _, name in ipairs(names_of_games) do
  known_games[(name:gsub("-", "_"))] = casino.game(name)
end

local function find_game(name) return known_games[(name:gsub("-", "_"))] end

backoffice.setup { game = find_game, game_names = function() return names_of_games end }

-- What clients send messages to during a session.
local components = {}
for _, file in ipairs(nightjar.files("components", ".lua")) do
  local name = file:sub(1, -5)
  local component = require("components." .. name)
  local problem, word = platforms.component_problem(component)
  if problem then platforms.mistake("components/" .. file, problem, word) end
  components[name] = problem and { message = function() return {} end } or component
end

-- Where users come from, and whose page is the first one.
local all_platforms, front = platforms.load_all(components, settings.platforms)

sites.platforms = {}
sites.front = platforms.of_sites(all_platforms, front) or sites.front
for _, file in ipairs(nightjar.files("platforms", ".lua")) do
  sites.platforms[file:sub(1, -5)] = true
end

local all = sites.read_all(casino.site_files(), casino, {
  mistake = casino.mistake,
  warning = function(file, line, message)
    casino.warning(file, line, message)
    warnings[file] = warnings[file] or {}
    table.insert(warnings[file], ("%s:%d: %s"):format(file, line, message))
  end,
})

-- What the lobbies show, by site.
local lobbies = {}
for id, site in pairs(all) do lobbies[id] = lobby.games(site, casino.game) end

-- Each platform has a page to come to.
for name, platform in pairs(all_platforms) do
  if platform.portal then
    local page = portals.declare(name, platform, {
      sites = all, lobbies = lobbies, warnings = warnings, told = backoffice.site,
      refuses = backoffice.refuses,
      lobby = function(site) return lobby.games(site, find_game) end,
    })
    if name == front then nightjar.http.get("/", page) end
  end
end
nightjar.http.static("/static", "public")

-- The same list for lobbies that are programs: the games of the site named in the query.
nightjar.http.get("/lobby/games", function(request)
  local name = request.query.site or "demo"
  -- What the back office says of a site holds rather than its file.
  local site, is_open = backoffice.site(name, all[name] == nil, request.remote)
  if site or all[name] then
    local is_closed = backoffice.refuses(name, request.remote)
    site = not is_closed and (backoffice.site(name, false, request.remote) or all[name]) or nil
  end
  if not site and is_open then
    return { status = 503, json = { error = "unavailable", site = name } }
  end
  if not site then return { status = 404, json = { error = "unknown_site", site = name } } end
  local games = site == all[name] and lobbies[name] or lobby.games(site, find_game)
  return { json = { site = name, title = site.title or "Nightjar", games = games } }
end)

-- How players of each platform rise: as a component of the platform says, if one keeps levels.
local levels = {}
for name, platform in pairs(all_platforms) do
  for _, component in ipairs(platform.components) do
    levels[name] = components[component].levels or levels[name]
  end
end
sites.levels = levels

---@class casino.Session what a session is, as far as scripts may know
---@field platform string
---@field site string
---@field user string the id at the platform
---@field game? string
---@field credits integer
---@field userdata table

---@class casino.Movement one movement of credits outside of a game: `amount` or `to`
---@field kind string accounting operation: up to 32 characters of a-z, 0-9 and _
---@field amount? integer what is added; negative: taken
---@field to? integer what the balance is afterwards

---@class casino.Answer what a component wants done; {} is nothing. All of what is stored is one
--- transaction, and what is told is told after it
---@field userdata? table the player's new data
---@field entries? casino.Movement[]
---@field outbox? {topic: string, key: string, body: table}[] to be told outside
---@field reply? table a message to the session
---@field replies? table[] or several
---@field subscribe? string[] topics whose messages (`casino.publish`) the session wants from now on
---@field unsubscribe? boolean|string[] and wants no more; `true`: all of them

--- Handles a client's message: gives a casino.Answer, or nil, code, detail. May wait.
---@alias casino.OnMessage fun(session: casino.Session, message: table, place: casino.Place): any

---@class casino.Component
---@field message casino.OnMessage
---@field levels? casino.Levels where the component is, players have a level, by this curve

---@class casino.Place where a session is
---@field site casino.Site
---@field platform casino.Platform

-- The host asks for the sites whenever this package has been loaded. What the back office says of
-- one holds rather than its file.
nightjar.provide("casino.sites", function()
  local list, told = json.array(), backoffice.sites()
  for _, site in pairs(told) do list[#list + 1] = sites.describe(site) end
  for id, site in pairs(all) do
    if not told[id] then list[#list + 1] = sites.describe(site) end
  end
  return list
end)

-- And for the wallet of each platform, by its name: also when nobody of it plays.
nightjar.provide("casino.wallets", function()
  local wallets = {}
  for name, platform in pairs(all_platforms) do wallets[name] = platform.wallet end
  return wallets
end)

-- And who a user is, when a session starts:
-- {uid, profile, wallet, components}, or nil, code, detail.
-- `wallet` says where the credits are, `components` what the session can do.
nightjar.provide("casino.open", function(request)
  local platform = all_platforms[request.platform]
  if not platform then return nil, "unknown_platform", request.platform end
  if platform.off then return nil, "unknown_platform", platform.off end
  -- Of other sites only the back office knows.
  if not all[request.site] and not backoffice.is_set() then
    return nil, "unknown_site", request.site
  end
  local user, detail, code = platform.authenticate(request)
  if not user then return nil, code or "auth_failed", detail end
  -- The operator is asked before the back office hears of the player, and must hear which money it
  -- is about.
  if platform.wallet == "remote" and not all[request.site] then
    local site, is_open = backoffice.site(request.site, true, request.remote)
    if not site and is_open then return nil, "internal", "the site cannot be looked up now" end
    if not site then return nil, "unknown_site", request.site end
  end
  return {
    uid = user.uid, profile = user.profile, wallet = platform.wallet,
    components = json.array(platform.components),
  }
end)

-- Then, for the host has given the user an id, whether the session may begin: {session_id,
-- player_id}, {}, or nil, code, detail.
nightjar.provide("casino.register", function(request)
  return backoffice.register(request, all[request.site] ~= nil)
end)

-- Then what becomes of the user's data: {userdata = table}, or {} when they stay as they are.
nightjar.provide("casino.attached", function(session, is_first)
  return { userdata = userdata.at_start(session.userdata, is_first) }
end)

-- A level of a jackpot was won: whoever has subscribed to it hears so.
nightjar.provide("casino.won", function(win) pots.won(win) end)

-- The jackpots are looked at from now on, for those who have subscribed.
pots.start(function(id) return backoffice.sites()[id] or all[id] end)
backoffice.tell_jackpots(all_platforms, function()
  local sites_now = {}
  for id, site in pairs(all) do sites_now[id] = site end
  for id, site in pairs(backoffice.sites()) do sites_now[id] = site end
  return sites_now
end)

-- And what a component makes of a message: a casino.Answer, or nil, code, detail. It may wait: the
-- player's actions go on meanwhile, only other messages about the same data do not.
nightjar.provide("casino.component", function(which, session, message)
  local component, platform = components[which], all_platforms[session.platform]
  if not component or not platform or not platforms.offers(platform, which) then
    return nil, "unknown_component", which
  end
  local site = backoffice.sites()[session.site] or all[session.site]
  if not site then return nil, "component_error", "the site is gone" end
  if type(message) ~= "table" then return nil, "component_error", "message must be an object" end
  local place = { site = site, platform = platform }
  local answer, code, detail = component.message(session, message, place)
  if not answer or not answer.userdata then return answer, code, detail end
  answer.userdata, code, detail = userdata.replace(session.userdata, answer.userdata)
  if not answer.userdata then return nil, code, detail end
  return answer
end)

function M.on_reload()
  kept.restore()
  local warning = platforms.warning(all_platforms, settings.platforms)
  if warning and not nightjar.debug then nightjar.log.warn(warning) end
end

M.on_ready = backoffice.on_ready

return M
