--- Platform `token`: people who have logged in at a site of the operator's own. The site gives each
-- a signed token (JWT), the server checks it, and nothing has to be asked anywhere.
--
-- The token's `sub` is the user; `exp` ends it; `name`, `email`, `picture` and `locale` are the
-- profile. One with a `site` is good for this site only.

local nightjar = require "nightjar"
local profiles = require "profiles"
local settings = require "settings"

local SECRET = "token_secret"
-- Seconds by which the clocks of the site and of this server may differ.
local LEEWAY = 10
local PROFILE = { "name", "email", "picture", "locale" }

---@type casino.Platform
local M = { wallet = "stored", components = {} }

--- How tokens are verified: by the secret that the site shares with this server, or by its public
-- key.
local function verification()
  local has_secret = nightjar.config.matches(SECRET, "") ~= nil
  local file = settings.token_key_file
  local options = {
    issuer = settings.token_issuer ~= "" and settings.token_issuer or nil,
    audience = settings.token_audience ~= "" and settings.token_audience or nil,
    leeway = LEEWAY,
  }
  if has_secret and file ~= "" then
    error("casino: set token_secret or token_key_file, not both: which one is a token to be of?", 0)
  elseif has_secret then
    options.secret, options.algorithms = SECRET, { "HS256" }
  elseif file ~= "" then
    local found, text = pcall(nightjar.data, file)
    if not found then
      local problem = "there is no packages/casino/%s in the data folder; put the public key there "
        .. "(PEM)"
      nightjar.config.mistake("token_key_file", problem:format(file))
    end
    options.public_key, options.algorithms = text, { "RS256", "ES256" }
  else
    return nil
  end
  return options
end

local options = verification()
if options then
  -- Better said now than to each player: no token is good with such a secret or key.
  local _, code, detail = nightjar.auth.verify_jwt("a.b.c", options)
  if code == "no_secret" then
    if not options.secret then nightjar.config.mistake("token_key_file", detail) end
    error("secret \"token_secret\" of casino: " .. detail, 0)
  end
end
if not options then M.off = "token needs the secret token_secret or the setting token_key_file" end

--- The user of a token.
---@param token string
---@param site? string the one that is to be played on; nil: it is not known yet
---@return casino.User? user
---@return string? detail
local function user_of(token, site)
  local claims, code, detail = nightjar.auth.verify_jwt(token, options)
  if not claims then return nil, code .. ": " .. detail end
  local uid = claims.sub
  if math.type(uid) == "integer" then uid = tostring(uid) end
  if type(uid) ~= "string" or uid == "" then return nil, "the token has no user (sub)" end
  if site and claims.site ~= nil and claims.site ~= site then
    return nil, "the token is for another site"
  end
  local profile = { id = uid }
  for _, name in ipairs(PROFILE) do profile[name] = claims[name] end
  return { uid = uid, profile = profiles.bounded(profile) or { id = uid } }
end

function M.authenticate(credentials)
  local user, detail = user_of(credentials.token, credentials.site)
  if not user then return nil, detail end
  if credentials.uid ~= "" and credentials.uid ~= user.uid then
    return nil, "the token is another user's"
  end
  return user
end

--- The site's own page posts the token, or sends the browser with `#token=…`, which the page's
-- script posts here. One in the query would stand in every log on its way.
local function visitor(fields, posted)
  local token = posted and (fields.token or fields.access_token)
  if not token then return nil end
  local user, detail = user_of(token)
  if user then return { uid = user.uid, token = token, userinfo = user.profile } end
  nightjar.log.info("a log-in was refused", { platform = "token", reason = detail })
  return nil, 403, "this token is not good here"
end

M.portal = {
  form = true,
  frames = settings.token_frames,
  visitor = visitor,
  login_url = settings.token_login_url,
}

return M
