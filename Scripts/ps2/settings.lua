--- The package's settings: `"packages": {"ps2": {…}}` in config.json. The environment variables
-- PS2_ESS_URL, PS2_CENSUS_URL, PS2_SERVICE_ID, PS2_ENVIRONMENT, PS2_BACKOFF_INITIAL,
-- PS2_BACKOFF_MAX and PS2_TRIGGERS set the ones of these names.

local settings = require "lib.settings"

local function seconds(default, least, most)
  return { type = "number", min = least, max = most, default = default }
end

---@class ps2.Settings
---@field ess_url string
---@field census_url string
---@field service_id string without `s:`
---@field environment "ps2"|"ps2ps4us"|"ps2ps4eu"
---@field triggers string[]
---@field offline boolean
---@field census boolean
---@field silence_s table<string, number>
local M = settings.read {
  -- Where events come from; the query is added. Any server that speaks the protocol.
  ess_url = { type = "string", default = "wss://push.planetside2.com/streaming" },
  -- Where characters, titles and worlds are looked up.
  census_url = { type = "string", default = "https://census.daybreakgames.com" },
  -- Who asks; "s:" may be before it. "example" may ask Census ten times a minute.
  service_id = { type = "string", default = "example" },
  environment = {
    type = "string", values = { "ps2", "ps2ps4us", "ps2ps4eu" }, default = "ps2",
  },
  -- Examples that are switched on, by name: { "rank_up" }. Files in `triggers` are on anyway.
  triggers = { type = "table", default = {} },
  -- Connects to no stream; what is replayed is evaluated all the same.
  offline = { type = "boolean", default = false },
  -- Whether Census is asked at all.
  census = { type = "boolean", default = true },

  -- The first retry comes after a random time up to the first; then they grow from `initial` by
  -- 1.618 up to `max`. Seconds.
  backoff_first = seconds(5, 0, 3600),
  backoff_initial = seconds(3.1, 0.01, 3600),
  backoff_max = seconds(90, 0.01, 3600),
  -- Without a heartbeat for so long the connection is taken for dead.
  heartbeat_s = seconds(90, 1, 86400),
  -- How often the service is asked what it takes us to be subscribed to. 0: never.
  verify_s = seconds(30, 0, 86400),
  -- How often everything is subscribed anew although nothing is wrong. 0: never.
  resubscribe_s = seconds(3600, 0, 604800),
  -- A world that is online and silent for so long, by event name, is stale and is subscribed anew.
  silence_s = { type = "table", default = { Death = 30, GainExperience = 30 } },
  -- The same payload within two seconds is dropped; GainExperience is left alone.
  drop_duplicates = { type = "boolean", default = true },

  -- Requests to Census in a minute; 0: ten for the service id "example", 120 for others.
  census_per_minute = { type = "integer", min = 0, max = 100000, default = 0 },
  census_timeout_s = seconds(5, 0.05, 20),
  -- After a look-up that failed for good, further ones are answered at once for so long.
  census_pause_s = seconds(5, 0, 3600),
}

M.service_id = M.service_id:gsub("^s:", "", 1)
if not M.service_id:find("^[%w_-]+$") then
  settings.mistake("service_id", 'letters, digits, - and _ expected, with or without "s:"')
end
-- What connects would say the same of options of its own, which nobody has written.
if M.backoff_max < M.backoff_initial then
  settings.mistake("backoff_max", ("at least backoff_initial (%g) expected, got %g")
    :format(M.backoff_initial, M.backoff_max))
end
for name, scheme in pairs { ess_url = "ws", census_url = "http" } do
  local url = M[name]
  if not url:lower():find("^" .. scheme .. "s?://[^/]") or url:find("[#%s]") then
    settings.mistake(name, ("an address like %s://host or %ss://host expected")
      :format(scheme, scheme))
  end
end
for name, after in pairs(M.silence_s) do
  if type(name) ~= "string" or type(after) ~= "number" or after < 1 or after > 86400 then
    settings.mistake("silence_s", "seconds from 1 to 86400 by event name expected")
  end
end
for _, name in ipairs(M.triggers) do
  if type(name) ~= "string" or not name:find("^[%w_]+$") then
    settings.mistake("triggers", "a list of names like \"rank_up\" expected")
  end
end

return M
