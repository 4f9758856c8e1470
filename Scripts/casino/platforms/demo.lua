--- Platform `demo`: anybody may play. Every user id is accepted, the token is ignored; without an
-- id the user is new each time.

local nightjar = require "nightjar"
local profiles = require "profiles"
local purchases = require "purchases"

---@type casino.Platform
local M = {
  -- In the store, which is memory when the server was started with --ephemeral.
  wallet = "stored",
  -- For trying things out.
  components = { "fb_social" },
  portal = {},
  purchase = purchases.for_trying(nightjar.debug),
}

function M.authenticate(credentials)
  local uid = credentials.uid
  if uid == "" then uid = "demo-" .. nightjar.random.uuid() end
  if uid:find("\0", 1, true) then return nil, "the user id has a zero byte" end
  local profile, detail = profiles.bounded(credentials.userinfo or {})
  if not profile then return nil, detail end
  return { uid = uid, profile = profile }
end

return M
