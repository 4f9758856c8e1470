--- The package's settings: `"packages": {"argus": {…}}` in config.json. The environment variables
-- ARGUS_TWITCH_ID, ARGUS_TWITCH_AUTH_URL, ARGUS_TWITCH_API_URL, ARGUS_PUBLIC_URL and
-- ARGUS_OWNER_ID set the ones of these names. Secrets are apart: `extension`, `client` and
-- `dashboard`.

local settings = require "lib.settings"

local function url(default) return { type = "string", default = default } end

---@class argus.Settings
---@field client_id string
---@field auth_url string without a slash at the end
---@field api_url string without a slash at the end
---@field public_url string without a slash at the end
---@field owner_id string
---@field dashboard "private"|"open"
---@field overlays "private"|"open"
---@field app_version string
---@field app_changelog string
---@field offline boolean
local M = settings.read {
  -- Twitch's id of the extension: the one that the published clients log in for.
  client_id = { type = "string", default = "sl19e3aebmadlewzt7mxfv3j3llwwv" },
  -- Where Twitch is; another server only for tests.
  auth_url = url "https://id.twitch.tv",
  api_url = url "https://api.twitch.tv",
  -- How this server is called from outside. Twitch sends browsers to <public_url>/oauth_token after
  -- a login, and only if the extension's settings at Twitch name that address.
  public_url = url "https://argus-h2-backend.fly.dev",
  -- Twitch's id of who owns the extension; broadcasts are sent in that name.
  owner_id = { type = "string", default = "91943834" },
  -- "private": the dashboard is for who sits at this machine or has the token. "open": for all.
  dashboard = { type = "string", values = { "private", "open" }, default = "private" },
  -- "private": an overlay needs the channel's view key. "open": it needs none.
  overlays = { type = "string", values = { "private", "open" }, default = "private" },
  -- What `/get_newest_app_version` tells the stand-alone app.
  app_version = { type = "string", default = "1.1.2" },
  app_changelog = { type = "string", default = "" },
  -- Sends nothing to Twitch and asks it nothing.
  offline = { type = "boolean", default = false },
}

for _, name in ipairs { "auth_url", "api_url", "public_url" } do
  if not M[name]:find("^https?://[^/%s?#]+[^%s?#]*$") then
    settings.mistake(name, "an address like https://id.twitch.tv expected")
  end
  M[name] = M[name]:gsub("/+$", "")
end
for _, name in ipairs { "client_id", "owner_id" } do
  if not M[name]:find("^%w+$") then
    settings.mistake(name, "letters and digits expected")
  end
end

return M
