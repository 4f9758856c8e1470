local client = require "backoffice.client"
local jackpots = require "backoffice.jackpots"
local limits = require "backoffice.limits"
local pauses = require "backoffice.pauses"

local T = {}

function T.pauses_grow_from_a_second_to_five_minutes()
  local wanted = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 }
  for failures, seconds in ipairs(wanted) do
    for _ = 1, 20 do
      local pause = pauses.after(failures)
      assert(pause >= seconds * 0.9 and pause <= seconds, failures .. ": " .. pause)
    end
  end
  assert(pauses.after(1000000) <= limits.pause_last)
end

function T.what_came_of_a_request_is_one_of_four()
  for status, outcome in pairs {
    [200] = "done", [201] = "done", [204] = "done", [404] = "unknown", [400] = "refused",
    [403] = "refused", [409] = "refused", [413] = "refused", [401] = "away", [408] = "away",
    [429] = "away", [500] = "away", [503] = "away", [302] = "away",
  } do
    assert(client.outcome { status = status, body = "" } == outcome, status)
  end
  assert(client.outcome(nil) == "away")
end

function T.what_goes_into_a_path_is_escaped()
  assert(client.escaped("a/b c?ü") == "a%2Fb%20c%3F%C3%BC")
  assert(client.escaped("82f304a9-8fd6.x_y~") == "82f304a9-8fd6.x_y~")
end

function T.a_jackpot_is_reported_with_the_levels_that_somebody_has_played_for()
  local jackpot = {
    id = "night", denom = "CRE",
    levels = {
      { id = "night/mini", level = "mini", storage_multiplier = 1000 },
      { id = "night/grand", level = "grand", storage_multiplier = 1000 },
    },
  }
  assert(jackpots.report("demo", "s", jackpot, {}) == nil)
  local pot = {
    id = "night/grand", value = 5, version = 2, reserve = 1, overflow = 0, meters = { start = 0 },
  }
  local report = jackpots.report("demo", "s", jackpot, { ["night/grand"] = pot })
  assert(report.id == "night" and report.platform == "demo" and report.storage_multiplier == 1000)
  assert(#report.levels == 1 and report.levels[1].level == "grand" and report.levels[1].wins == 2)
end

return T
