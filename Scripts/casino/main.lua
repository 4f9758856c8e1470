--- The casino's pages and session components. Sessions, money and game states are the host's own
-- business.

local nightjar = require "nightjar"
local template = require "lib.template"
local userdata = require "components.userdata"

local M = {}

-- The page's socket; the host serves it.
local WS_PATH = "/session/ws"

-- The browser runs only our own files: a script smuggled into a page stays text.
local HEADERS = {
  ["content-type"] = "text/html; charset=utf-8",
  ["content-security-policy"] = "default-src 'none'; script-src 'self'; style-src 'self'; "
    .. "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    .. "frame-ancestors 'self'",
  ["x-content-type-options"] = "nosniff",
  ["referrer-policy"] = "no-referrer",
  ["cache-control"] = "no-cache",
}

local portal_page = nightjar.data("templates/demo_portal.html")
local missing_page = nightjar.data("templates/no_site.html")

--- "joker_bingo" → "Joker Bingo", until the page has read the manifest.
local function title_of(id)
  return (id:gsub("[_-]+", " "):gsub("%f[%w]%l", string.upper))
end

--- The games of a site for its lobby, by id: id, title, and the settings that the site changes.
local function game_list(site)
  local games = {}
  for id, settings in pairs(site.games or {}) do
    games[#games + 1] = { id = id, title = title_of(id), settings = settings }
  end
  table.sort(games, function(a, b) return a.id < b.id end)
  return games
end

-- The pages of all sites, ready to send. Which sites there are: setting `sites` of this package.
local pages = {}
for _, name in ipairs(nightjar.config.get("sites", { "demo" })) do
  local path = "sites/" .. name .. ".json"
  local site, _, detail = nightjar.json.decode(nightjar.data(path))
  if not site then error(path .. ": " .. detail, 0) end
  pages[name] = template.render(portal_page, {
    title = site.title or "Nightjar",
    site = site.id,
    ws_path = WS_PATH,
    game_list = nightjar.json.encode(nightjar.json.array(game_list(site))),
    debug = nightjar.debug and "true" or "false",
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

local components = { userdata = userdata }

-- The host asks here for each component message that it does not handle itself.
nightjar.provide("casino.component", function(which, session, message)
  local component = components[which]
  if not component then return nil, "unknown_component", which end
  return component.message(session, message)
end)

return M
