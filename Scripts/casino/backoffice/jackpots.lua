--- Tells the back office of jackpots: those that have changed, every few seconds, the newest news
-- in place of older ones that it has not taken yet.

local nightjar = require "nightjar"
local kept = require "lib.kept"
local pots = require "pots"

local json, outbox = nightjar.json, nightjar.outbox

local M = {}

-- What was told last, by platform, site and jackpot.
local told = kept "backoffice.jackpots"

--- The report of a jackpot; nil when none of its levels is open yet.
---@param platform string
---@param site string
---@param jackpot casino.Jackpot
---@param all table<string, table> the levels as the store has them, by id
---@return table?
function M.report(platform, site, jackpot, all)
  local levels = json.array()
  for _, level in ipairs(jackpot.levels) do
    local pot = all[level.id]
    if pot then
      levels[#levels + 1] = {
        level = level.level, value = pot.value, wins = pot.version, reserve = pot.reserve,
        overflow = pot.overflow, commitment = pot.commitment, meters = pot.meters,
      }
    end
  end
  if #levels == 0 then return nil end
  return {
    platform = platform, site = site, id = jackpot.id, denom = jackpot.denom,
    storage_multiplier = jackpot.levels[1].storage_multiplier, levels = levels,
  }
end

-- Tells of a jackpot if it has changed.
local function tell(report)
  local key = report.platform .. "/" .. report.site .. "/" .. report.id
  local text = json.encode(report, { sort = true })
  if told[key] == text then return end
  report.at = nightjar.now()
  local body = json.encode(report)
  local id = nightjar.crypto.hex(nightjar.crypto.sha256(key))
  if outbox.tell("jackpots", id, body, { replace = true }) then told[key] = text end
end

--- Looks at the jackpots of all sites.
---@param platforms string[] those whose players' credits outlive the server
---@param sites fun(): table<string, casino.Site>
function M.look(platforms, sites)
  for id, site in pairs(sites()) do
    for _, platform in ipairs(#(site.jackpots or {}) > 0 and platforms or {}) do
      local all = pots.of(platform, id)
      for _, jackpot in ipairs(all and site.jackpots or {}) do
        local report = M.report(platform, id, jackpot, all)
        if report then tell(report) end
      end
    end
  end
end

return M
