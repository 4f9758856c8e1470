--- Which address is answered by what.

local nightjar = require "nightjar"
local core = require "core"
local dashboard = require "dashboard"
local limits = require "limits"
local maps = require "maps"
local news = require "news"
local pages = require "pages"
local pull = require "pull"
local views = require "views"
local web = require "web"

local M = {}

local get, post = nightjar.http.get, nightjar.http.post

-- Pages of any site may ask, with any header: the viewer page is Twitch's, and sends its token in
-- one of its own.
local function anybody(max_body) return { cors = { headers = "any" }, max_body = max_body } end

local function method(object, name)
  return function(request) return object[name](object, request) end
end

local viewers = pull.new {
  people = core.people, runs = core.runs, counted = core.counted,
  close_overlays = function(channel) core.close_overlays(channel) end,
  verify = function(token)
    return nightjar.auth.verify_jwt(token, {
      secret = "extension", encoding = "base64", algorithms = { "HS256", "HS384", "HS512" },
    })
  end,
}

local gate = require("lib.gate").new "dashboard"

local is_open = core.settings.dashboard == "open"

M.dashboard = dashboard.new {
  people = core.people, runs = core.runs, gate = gate, is_open = is_open,
  pause = function() nightjar.sleep(0) end,
}

-- Only for who may see the dashboard.
local function private(handler)
  return function(request)
    if M.dashboard:may_see(request) then return handler(request) end
    return require("lib.gate").refusal()
  end
end

-- The protocol ---------------------------------------------------------------------------------

post("/run_info", method(core.intake, "post"), anybody(limits.game_state_bytes))
get("/check_argus_token", method(core.login, "check"), anybody())
post("/get_argus_token", method(core.login, "fetch"), anybody(limits.body_bytes))
get("/oauth_token", method(core.login, "came_back"), anybody())
get("/check_login", method(viewers, "check_login"), anybody())
get("/get_streamer_run_data", method(viewers, "run_data"), anybody())
get("/ping", function() return web.result "pong" end, anybody())

local app = assert(nightjar.json.encode {
  newest_version = core.settings.app_version, changelog = core.settings.app_changelog,
})
get("/get_newest_app_version", function() return web.result(app) end, anybody())

-- Who only has the name of the server finds the way.
for _, path in ipairs { "/", "/argus" } do
  get(path, function() return web.redirect "/argus/" end, anybody())
end

-- What is nowhere else. As at the original server, pages of any site may read that, too.
local http = nightjar.http
for _, declare in ipairs { get, post, http.put, http.patch, http.delete } do
  declare("/*", function()
    return web.problem(404, "not_found", "There is nothing at this path.")
  end, anybody())
end

-- The operator's -------------------------------------------------------------------------------

-- Without `cors`: no page of another site reads what this machine may see. What all may see they
-- may read there, too.
get("/dashboard_run_data", method(M.dashboard, "get"), is_open and anybody() or nil)
get("/argus/unknown", private(function(request) return news.get(core.unknown, request) end))
get("/argus/explain", private(function(request)
  return news.get_explained(maps.mapping, request)
end))

-- Overlays -------------------------------------------------------------------------------------

get("/argus/mapping", maps.get, anybody())
post("/argus/view_key", method(viewers, "view_key"), anybody(limits.body_bytes))

-- Closed with these, and the page knows what to say. An unknown channel is a wrong key, so that
-- nobody finds out who streams.
local WRONG_KEY, BAD_DELAY, FULL = 4401, 4400, 4429

-- Who asks without a handshake may read what is wrong.
get("/argus/overlay/ws", function()
  local answer = web.problem(426, "upgrade_required", "This path speaks WebSocket.")
  answer.headers = { upgrade = "websocket" }
  return answer
end, anybody())

nightjar.websocket.endpoint("/argus/overlay/ws", {
  max_message = limits.overlay_bytes,
  -- States have thousands of characters that hardly differ from one to the next.
  compression = { threshold = 200, context_takeover = false },
  open = function(conn, request)
    local channel = request.query.channel
    local delay = views.delay(request.query.delay)
    if not core.may_view(channel, request.query.key, delay) then
      core.counted "overlays_refused"
      return conn:close(WRONG_KEY, "the key is wrong")
    end
    if not delay then
      local words = ("delay: seconds from 0 to %d expected"):format(limits.delay_seconds)
      return conn:close(BAD_DELAY, words)
    end
    local problem = core.views:open(conn, channel, delay)
    if problem then conn:close(FULL, problem) end
  end,
  close = function(conn)
    if conn.data then core.views:close(conn.data) end
  end,
})

pages.declare()

return M
