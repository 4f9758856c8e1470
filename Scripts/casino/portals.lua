--- The pages that players come to: for each platform `/NAME/portal?site=…`, made of a template, of
-- what every portal shows, and of what the platform adds.

local nightjar = require "nightjar"
local form = require "lib.form"
local headers = require "lib.headers"
local nearest = require "lib.nearest"
local template = require "lib.template"

local json = nightjar.json

local M = {}

-- The page's socket; the host serves it.
local WS_PATH = "/session/ws"

-- The site of an address that names none.
local DEFAULT_SITE = "demo"

-- Bytes of a form that brings a user: a token of 8 KiB, escaped, with room to spare.
local FORM_BYTES_MAX = 64 * 1024

--- Who comes to a portal, as far as the way there tells.
---@class casino.Visitor
---@field uid string
---@field token string
---@field userinfo? table

--- Who comes, by the fields of the query or of the posted form? nil: the page asks by itself; nil,
--- status, words: no page for this one. May wait.
---@alias casino.Visit fun(fields: table, posted: boolean): casino.Visitor?, integer?, string?

---@class (exact) casino.Portal
---@field visitor? casino.Visit
---@field login_url? string where people log in whom no visitor brought; see public/login.js
---@field values? table<string, string|number> what the template gets besides, for all to see
---@field form? boolean pages of other sites bring players here with a form (POST)
---@field frames? string[] addresses of sites that may show the page in a frame

-- Pages that came with a user's token are for nobody else.
local function private(of_page)
  local copy = {}
  for name, value in pairs(of_page) do copy[name] = value end
  copy["cache-control"] = "no-store"
  return copy
end

--- What every portal can show of a site, by the placeholder's name.
---@param site casino.Site
---@param platform string
---@param games casino.LobbyGame[]
---@param warnings string[] what is odd about the site, for whoever develops it
---@return table<string, string>
function M.common_values(site, platform, games, warnings)
  local jackpots = json.array()
  for _, jackpot in ipairs(site.jackpots or {}) do jackpots[#jackpots + 1] = jackpot.id end
  return {
    title = site.title or "Nightjar",
    site = site.id,
    platform = platform,
    ws_path = WS_PATH,
    game_list = json.encode(games),
    jackpots = json.encode(jackpots),
    debug = nightjar.debug and "true" or "false",
    warnings = json.encode(json.array(nightjar.debug and warnings or {})),
    ws_url = WS_PATH,
    user = "null",
  }
end

--- The platform's own template, `NAME_portal.html`, where there is one; else the one for all.
---@return string page
---@return string file
local function page_of(name)
  local own = ("templates/%s_portal.html"):format(name)
  local found, page = pcall(nightjar.data, own)
  if found then return page, own end
  return nightjar.data("templates/portal.html"), "templates/portal.html"
end

-- A page with a placeholder that nobody fills is not taken over.
local function check(page, file, values)
  local name, line = template.missing(page, values)
  if not name then return end
  local known = {}
  for value in pairs(values) do known[#known + 1] = value end
  local problem = "nothing fills {{%s}}%s"
  nightjar.casino.mistake(file, line, problem:format(name, nearest.hint(name, known)))
end

--- What there is to show, by site; warnings by the site's file.
---@class casino.House
---@field sites table<string, casino.Site> those of the files
---@field lobbies table<string, casino.LobbyGame[]>
---@field warnings table<string, string[]>
---@field told fun(id: string, may_ask: boolean, address: string): casino.Site?, boolean? those of
--- the back office; nil, true: whether there is one is not known now
---@field refuses fun(id: string, address: string): boolean the back office has no such site
---@field lobby fun(site: casino.Site): casino.LobbyGame[] the games of one of these

--- Declares the pages of a platform.
---@param name string
---@param platform casino.Platform
---@param house casino.House
---@return fun(request: nightjar.Request): table page answers a request for the portal
function M.declare(name, platform, house)
  local portal = platform.portal
  local page, file = page_of(name)
  local path = ("/%s/portal"):format(name)
  local missing = nightjar.data("templates/no_site.html")
  local frames = table.concat({ "'self'", table.unpack(portal.frames or {}) }, " ")
  local of_page = headers.of_page(frames)
  local of_user = private(of_page)

  -- What does not depend on who comes, by site.
  local common = {}
  local function values_of(site)
    local games = house.sites[site.id] == site and house.lobbies[site.id] or house.lobby(site)
    local values = M.common_values(site, name, games, house.warnings[site.file] or {})
    values.portal = path
    values.login_url = portal.login_url or ""
    -- Without a log-in everybody may begin at once.
    values.start = portal.visitor and "/static/login.js" or "/static/app.js"
    for key, value in pairs(portal.values or {}) do values[key] = value end
    return values
  end
  for id, site in pairs(house.sites) do common[id] = values_of(site) end
  local _, any = next(common)
  if any then check(page, file, any) end

  -- What the back office says of a site holds rather than its file.
  local function values_for(id, address)
    local site, is_open = house.told(id, common[id] == nil, address)
    -- Instead of a lobby whose every session is refused.
    if (site or common[id]) and house.refuses(id, address) then return nil, false, true end
    site = site or house.told(id, false, address) -- told meanwhile
    return site and values_of(site) or common[id], is_open
  end

  local function answer(request, fields, posted)
    if platform.off then return { status = 404, body = name .. " is not set up on this server" } end
    local id = request.query.site or fields.site or DEFAULT_SITE
    local values, is_open, is_closed = values_for(id, request.remote)
    if not values and is_open then
      return { status = 503, body = "the site cannot be looked up now, try again in a moment" }
    end
    if not values then
      local title, reason = "No such site", "There is no site of this name here. The address ends "
        .. "with ?site=…: please check the name."
      if is_closed then
        title, reason = "Not open", "This site is not open: the back office does not know it."
      end
      local shown = { site = id, title = title, reason = reason }
      return { status = 404, headers = of_page, body = template.render(missing, shown) }
    end
    local visitor, status, words
    if portal.visitor then
      visitor, status, words = portal.visitor(fields, posted, request.remote)
    end
    if status then return { status = status, body = words or "" } end
    -- The page itself asks who somebody is who has just logged in.
    if request:header("accept") == "application/json" then
      if not visitor then return { status = 403, body = "" } end
      return { status = 200, headers = { ["cache-control"] = "no-store" }, json = visitor }
    end
    if not visitor then
      return { status = 200, headers = of_page, body = template.render(page, values) }
    end
    local own = { user = json.encode(visitor) }
    local shown = setmetatable(own, { __index = values })
    return { status = 200, headers = of_user, body = template.render(page, shown) }
  end

  local function get(request) return answer(request, request.query, false) end
  nightjar.http.get(path, get)
  if portal.form then
    -- Browsers come here from a page of another site, which the host refuses without `cors`.
    -- Nothing is changed by this request, and who sends a right form has what is in the answer.
    nightjar.http.post(path, function(request)
      return answer(request, form.fields(request.body), true)
    end, { cors = true, max_body = FORM_BYTES_MAX })
  end
  return get
end

return M
