--- Platform `facebook`: people who use the app on Facebook. A session is believed when Facebook
-- says that its token is a valid one, of this app and of this user.

local nightjar = require "nightjar"
local checks = require "checks"
local form = require "lib.form"
local profiles = require "profiles"
local purchases = require "purchases"
local settings = require "settings"

local SECRET = "fb_app_secret"

---@type casino.Platform
local M = {
  wallet = "stored",
  components = { "fb_social" },
  purchase = purchases.for_trying(nightjar.debug),
}

-- Of a secret that is not configured, nothing is known to be right or wrong.
if settings.fb_app_id == "" or nightjar.config.matches(SECRET, "") == nil then
  M.off = "facebook needs the settings fb_app_id and fb_app_secret"
end

local app = nightjar.auth.facebook("app", {
  app_id = settings.fb_app_id, app_secret = SECRET, graph_url = settings.fb_graph_url,
})

local places = checks.new(settings.fb_checks_per_address)

--- Whose is the token? Waits for Facebook.
---@param address string the client's
---@param token string
---@param uid? string the user that it must be of; nil: whoever it is
---@param userinfo? table what the client says of the user, for when Facebook tells nothing
---@return casino.User? user
---@return string? detail
---@return string? code "internal": nobody knows now whose it is
local function identify(address, token, uid, userinfo)
  local place = places:enter(address, nightjar.now())
  if not place then
    return nil, "too many log-ins are being checked, try again in a moment", "internal"
  end
  local user, code, detail = app:identify(token, uid)
  places:leave(place)
  if not user and (code == "unreachable" or code == "bad_reply") then
    -- Whoever is refused for good does not come back by himself.
    nightjar.log.warn("Facebook does not say whose a token is", { code = code, detail = detail })
    return nil, "Facebook does not answer, try again later", "internal"
  end
  if not user then return nil, code .. ": " .. detail end
  if user.problem then nightjar.log.warn("no profile from Facebook", { problem = user.problem }) end
  local profile = profiles.bounded(user.profile or userinfo or {}) or {}
  profile.id = user.id -- whatever the client says
  return { uid = user.id, profile = profile }
end

function M.authenticate(credentials)
  local address = credentials.remote or ""
  return identify(address, credentials.token, credentials.uid, credentials.userinfo)
end

--- Facebook posts who comes as a signed request. The page's script brings the token of somebody who
-- has just logged in.
local function visitor(fields, posted, address)
  if posted and fields.access_token then
    local user, detail, code = identify(address, fields.access_token)
    if user then return { uid = user.uid, token = fields.access_token, userinfo = user.profile } end
    if code then return nil, 503, detail end
    nightjar.log.info("a log-in was refused", { platform = "facebook", reason = detail })
    return nil, 403, "Facebook does not know this log-in"
  end
  if not fields.signed_request then return nil end
  local payload, code, detail = app:signed_request(fields.signed_request)
  if not payload then
    nightjar.log.info("a signed request was refused", { reason = code, detail = detail })
    return nil, 403, "this request was not signed for this app"
  end
  -- Who has not allowed the app anything yet has neither id nor token, and is asked to log in.
  if not payload.user_id or not payload.oauth_token then return nil end
  return { uid = tostring(payload.user_id), token = payload.oauth_token }
end

M.portal = {
  form = true,
  frames = settings.fb_frames,
  values = { app_id = settings.fb_app_id },
  visitor = visitor,
  login_url = settings.fb_dialog_url .. "?response_type=token&scope=public_profile,email&client_id="
    .. form.escape(settings.fb_app_id) .. "&redirect_uri={page}&state={state}",
}

return M
