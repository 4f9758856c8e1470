--- What an operator can set of the casino: `"packages": {"casino": {…}}` in config.json. Those
-- that begin with `fb_`, and `rgs_base`, may stand on its first level too.

local settings = require "lib.settings"

--- An address without the slash at its end.
local function url(default) return { type = "string", default = default } end

local M = settings.read {
  -- Platforms that players may come from, the first of them is the front page; empty: all that are
  -- set up, the demo in front.
  platforms = { type = "table", default = {} },

  -- The app at Facebook. Its secret is the secret fb_app_secret.
  fb_app_id = { type = "string", default = "" },
  fb_graph_url = url "https://graph.facebook.com",
  fb_dialog_url = url "https://www.facebook.com/dialog/oauth",
  -- Log-ins of one address that Facebook is asked about at the same time, see checks.lua.
  fb_checks_per_address = { type = "integer", min = 1, max = 256, default = 8 },
  -- Who may show the app's page in a frame.
  fb_frames = { type = "table", default = {
    "https://www.facebook.com", "https://apps.facebook.com",
  } },

  -- Tokens of a site of one's own: the site's public key, a file below packages/casino of the data
  -- folder (or the secret token_secret); whose tokens they must be, and for whom.
  token_key_file = { type = "string", default = "" },
  token_issuer = { type = "string", default = "" },
  token_audience = { type = "string", default = "" },
  -- Where players log in who come without a token, and who may show their page in a frame.
  token_login_url = url "",
  token_frames = { type = "table", default = {} },

  -- Back office: where its requests go, with the slash at the end; empty: there is none.
  rgs_base = { type = "string", default = "" },
}

local ADDRESSES = { "fb_graph_url", "fb_dialog_url", "token_login_url", "rgs_base" }
for _, name in ipairs(ADDRESSES) do
  local text = M[name]
  if text ~= "" and not text:match("^https?://[^/]+") then
    settings.mistake(name, "an address like https://graph.example expected")
  end
end
M.fb_graph_url = M.fb_graph_url:gsub("/+$", "")
if M.rgs_base ~= "" and not M.rgs_base:match("/$") then M.rgs_base = M.rgs_base .. "/" end

local LISTS = {
  platforms = "facebook", fb_frames = "https://apps.facebook.com",
  token_frames = "https://my.example",
}
for name, example in pairs(LISTS) do
  for key, value in pairs(M[name]) do
    -- They become part of a header, where a space or a semicolon would begin something else.
    if math.type(key) ~= "integer" or type(value) ~= "string" or value:find("[^%w:/%.%*_-]") then
      settings.mistake(name, ("a list like [\"%s\"] expected"):format(example))
    end
  end
end

return M
