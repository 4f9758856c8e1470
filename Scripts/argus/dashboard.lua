--- All channels at once, for whoever runs the server: `GET /dashboard_run_data`.

local nightjar = require "nightjar"
local gate = require "lib.gate"
local limits = require "limits"
local web = require "web"

local M = {}

---@class argus.DashboardOptions
---@field people argus.People
---@field runs argus.Runs
---@field gate lib.Gate
---@field is_open boolean
---@field pause fun() lets others come in between; may wait

---@class argus.Dashboard
---@field private options argus.DashboardOptions
local Dashboard = {}
Dashboard.__index = Dashboard

---@param options argus.DashboardOptions
---@return argus.Dashboard
function M.new(options) return setmetatable({ options = options }, Dashboard) end

-- How the original calls the same.
local function profile(channel, person)
  return {
    twitchId = channel, twitchProfilePic = person and person.picture,
    twitchUsername = person and person.name,
  }
end

--- All channels with a state. May wait.
---@async
---@return table<string, table> by Twitch's id
function Dashboard:all()
  local runs, all = self.options.runs, {}
  for index, channel in ipairs(runs:channels()) do
    if index % limits.dashboard_channels == 0 then self.options.pause() end
    local output, run = runs:output(channel)
    if output then
      all[channel] = {
        -- The text is JSON already, and is written as it is.
        runData = nightjar.json.raw(output.text), timestamp = run.at,
        twitchProfile = profile(channel, self.options.people:of(channel)),
      }
    end
  end
  return all
end

--- Whether a request may see everybody's runs.
---@param request nightjar.Request
---@return boolean
function Dashboard:may_see(request)
  return self.options.is_open or self.options.gate:may_see(request)
end

--- `GET /dashboard_run_data`.
---@async
---@param request nightjar.Request
---@return nightjar.Answer
function Dashboard:get(request)
  if not self:may_see(request) then return gate.refusal() end
  return web.result(assert(nightjar.json.encode(self:all())))
end

return M
