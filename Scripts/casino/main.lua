--- The casino: its sites, who may play on them, its pages and session components. Sessions, money
-- and game states are the host's own business; it asks here once per session and per message to a
-- component, never per bet.

local nightjar = require "nightjar"
local headers = require "lib.headers"
local settings = require "lib.settings"
local sites = require "sites"
local template = require "lib.template"
local userdata = require "userdata"

local casino, json = nightjar.casino, nightjar.json

local M = {}

-- There is nothing to set here, for sites have files of their own: what config.json says is a slip.
settings.read {}

-- The page's socket; the host serves it.
local WS_PATH = "/session/ws"

-- Other pages of this server may show the lobby in a frame.
local HEADERS = headers.of_page "'self'"

-- What is odd about a site but does not keep it from being used, by its file: for its lobby.
local warnings = {}

local all = sites.read_all(casino.site_files(), casino, {
  mistake = casino.mistake,
  warning = function(file, line, message)
    casino.warning(file, line, message)
    warnings[file] = warnings[file] or {}
    table.insert(warnings[file], ("%s:%d: %s"):format(file, line, message))
  end,
})

-- Where users come from: a file each, named as the start message names the platform.
local platforms = {}
for _, file in ipairs(nightjar.files("platforms", ".lua")) do
  local name = file:sub(1, -5)
  platforms[name] = require("platforms." .. name)
end

-- What clients send messages to during a session.
local components = {}
for _, file in ipairs(nightjar.files("components", ".lua")) do
  local name = file:sub(1, -5)
  components[name] = require("components." .. name)
end

--- "joker_bingo" → "Joker Bingo", until the page has read the manifest.
local function title_of(id)
  return (id:gsub("[_-]+", " "):gsub("%f[%w]%l", string.upper))
end

--- The games of a site for its lobby, by id: id, title, and the settings that the site changes.
local function game_list(site)
  local games = {}
  for _, game in ipairs(site.games) do
    games[#games + 1] = { id = game.id, title = title_of(game.id), settings = game.settings }
  end
  table.sort(games, function(a, b) return a.id < b.id end)
  return games
end

local portal_page = nightjar.data("templates/demo_portal.html")
local missing_page = nightjar.data("templates/no_site.html")

-- The pages of all sites, ready to send.
local pages = {}
for id, site in pairs(all) do
  pages[id] = template.render(portal_page, {
    title = site.title or "Nightjar",
    site = id,
    ws_path = WS_PATH,
    game_list = json.encode(json.array(game_list(site))),
    debug = nightjar.debug and "true" or "false",
    warnings = json.encode(json.array(nightjar.debug and warnings[site.file] or {})),
  })
end

--- The lobby page of the site named in the query; without a name the site `demo`.
local function portal(request)
  local name = request.query.site or "demo"
  local page = pages[name]
  if page then return { status = 200, headers = HEADERS, body = page } end
  return { status = 404, headers = HEADERS, body = template.render(missing_page, { site = name }) }
end

nightjar.http.get("/", portal)
nightjar.http.get("/demo/portal", portal)
nightjar.http.static("/static", "public")

---@class casino.Session what a session is, as far as scripts may know
---@field platform string
---@field site string
---@field user string the id at the platform
---@field game? string
---@field credits integer
---@field userdata table

-- The host asks for the sites whenever this package has been loaded.
nightjar.provide("casino.sites", function()
  local list = json.array()
  for _, site in pairs(all) do
    local games = json.array()
    for _, game in ipairs(site.games) do games[#games + 1] = game end
    list[#list + 1] = {
      id = site.id, denomination = site.denomination, initial_credits = site.initial_credits,
      manual_credits = site.manual_credits, games = games,
    }
  end
  return list
end)

-- And who a user is, when a session starts: {uid, profile}, or nil, code, detail.
nightjar.provide("casino.open", function(request)
  local platform = platforms[request.platform]
  if not platform then return nil, "unknown_platform", request.platform end
  if not all[request.site] then return nil, "unknown_site", request.site end
  local user, detail = platform.authenticate(request)
  if not user then return nil, "auth_failed", detail end
  return user
end)

-- Then what becomes of the user's data: {userdata = table}, or {} when they stay as they are.
nightjar.provide("casino.attached", function(session, is_first)
  return { userdata = userdata.at_start(session.userdata, is_first) }
end)

-- And what a component makes of a message: {userdata = table}, {}, or nil, code, detail. It may
-- wait: the player's actions go on meanwhile, only other messages about the same data do not.
nightjar.provide("casino.component", function(which, session, message)
  local component = components[which]
  if not component then return nil, "unknown_component", which end
  local changes, code, detail = component.message(session, message)
  if not changes or not changes.userdata then return changes, code, detail end
  local data
  data, code, detail = userdata.replace(session.userdata, changes.userdata)
  if not data then return nil, code, detail end
  return { userdata = data }
end)

return M
