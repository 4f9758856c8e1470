-- What docs/ps2.md says of the settings' defaults.

local nightjar = require "nightjar"
local equal = require("lib.testing").equal
local settings = require "settings"

local T = {}

local DEFAULTS = {
  ess_url = "wss://push.planetside2.com/streaming", census_url = "https://census.daybreakgames.com",
  service_id = "example", environment = "ps2", triggers = {}, backoff_initial = 3.1, backoff_max = 90,
  backoff_first = 5, heartbeat_s = 90, verify_s = 30, resubscribe_s = 3600,
  silence_s = { Death = 30, GainExperience = 30 }, drop_duplicates = true, census_per_minute = 0,
  census_timeout_s = 5, census_pause_s = 5, offline = false, census = true,
}

function T.what_nobody_has_set_is_as_it_is_written_down()
  local set = nightjar.config.all()
  for name, value in pairs(DEFAULTS) do
    if set[name] == nil then equal(settings[name], value, name) end
  end
  for name in pairs(settings) do assert(DEFAULTS[name] ~= nil, name .. " is not written down") end
end

return T
