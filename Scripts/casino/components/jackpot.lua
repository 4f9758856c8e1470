--- Session component `jackpot`: what there is to be won, live.
--
-- `{"what": "subscribe", "to": "jp_joker_bingo"}` names a jackpot of the site, or one of its levels
-- (`night/grand`). The answer is its value, one message a level; then each change is told, to no
-- session more often than once a second. `{"what": "unsubscribe_all"}` ends it. When a level is
-- won, all who have subscribed hear it.

local pots = require "pots"

---@type casino.Component
local M = {}

local function refuse(detail) return nil, "component_error", detail end

--- The levels that a client means: those of a jackpot, or one. Nil when there are none.
---@param site casino.Site
local function levels_of(site, wanted)
  for _, jackpot in ipairs(site.jackpots or {}) do
    if jackpot.id == wanted then return jackpot.levels, jackpot end
    for _, level in ipairs(jackpot.levels) do
      if level.id == wanted then return { level }, jackpot end
    end
  end
  return nil
end

function M.message(session, message, place)
  if message.what == "unsubscribe_all" then return { unsubscribe = true } end
  if message.what ~= "subscribe" then
    return refuse('what must be "subscribe" or "unsubscribe_all"')
  end
  local levels, jackpot = levels_of(place.site, message.to)
  if not levels or not jackpot then return refuse("the site has no such jackpot") end
  local platform, site = session.platform, place.site.id
  local all, code = pots.of(platform, site)
  if not all then return refuse("the jackpot's value is not known: " .. code) end
  local answer = { replies = {}, subscribe = {} }
  for _, level in ipairs(levels) do
    pots.watch(platform, site, level, all[level.id])
    table.insert(answer.replies, pots.message(level, jackpot, all[level.id]))
    table.insert(answer.subscribe, pots.topic(platform, site, level.id))
  end
  return answer
end

return M
