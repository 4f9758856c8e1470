--- The jackpots as the servers told them last.

local nightjar = require "nightjar"
local answers = require "answers"
local limits = require "limits"

local store = nightjar.store
local is_id, is_count = answers.is_id, answers.is_count

local M = {}

local JACKPOTS = "jackpots"

-- All that ever went into a level and came out of it.
local METERS = {
  "start", "contributed", "hidden", "seeded", "drawn", "awarded", "overflowed", "carried",
}

local function level_problem(level)
  if type(level) ~= "table" or not is_id(level.level) then return "a level needs a name" end
  for _, name in ipairs { "value", "wins", "reserve", "overflow" } do
    if not is_count(level[name]) then return name .. " must be a whole number, not negative" end
  end
  for _, name in ipairs(METERS) do
    if type(level.meters) ~= "table" or not is_count(level.meters[name]) then
      return "the meter " .. name .. " must be a whole number, not negative"
    end
  end
  return nil
end

--- What is wrong with news of a jackpot; nil when nothing is.
---@param news table
---@return string?
function M.problem(news)
  for _, name in ipairs { "platform", "site", "id", "denom" } do
    if not is_id(news[name]) then return name .. " must be a text" end
  end
  if #news.platform + #news.site + #news.id > limits.id_bytes then return "the ids are too long" end
  if not is_count(news.at) or not is_count(news.storage_multiplier)
    or news.storage_multiplier < 1 then
    return "at and storage_multiplier are expected"
  end
  local levels = news.levels
  if type(levels) ~= "table" or #levels < 1 or #levels > limits.levels then
    return ("levels must be a list of 1 to %d"):format(limits.levels)
  end
  for _, level in ipairs(levels) do
    local problem = level_problem(level)
    if problem then return problem end
  end
  return nil
end

--- Whether a level's meters come to what it has; nil: they do, otherwise in words.
---@param level table
---@return string?
function M.fault(level)
  local m = level.meters
  local value = m.start + m.contributed + m.seeded + m.drawn + m.carried - m.awarded - m.overflowed
  if value ~= level.value then return ("the meters come to a value of %d units"):format(value) end
  local reserve = m.hidden - m.drawn
  if reserve ~= level.reserve then
    return ("the meters come to a reserve of %d units"):format(reserve)
  end
  local overflow = m.overflowed - m.carried
  if overflow == level.overflow then return nil end
  return ("the meters come to an overflow of %d units"):format(overflow)
end

--- Takes what a server tells of a jackpot. News that are older than what is known change nothing.
---@param news table one that `M.problem` finds nothing wrong with
---@return boolean? done nil: the store does not answer
function M.update(news)
  local key = ("jackpot %s/%s/%s"):format(news.platform, news.site, news.id)
  local before, code = store.get(key)
  if not before and code then return nil end
  if before and before.at > news.at then return true end
  return store.batch { { "set", key, news }, { "add", JACKPOTS, key, 0 } }
end

--- All of them, each level with its `fault`, if it has one.
---@return table[]
function M.all()
  local list = nightjar.json.array()
  for _, entry in ipairs(store.range(JACKPOTS) or {}) do
    local news = store.get(entry.member)
    if news and not M.problem(news) then
      for _, level in ipairs(news.levels) do level.fault = M.fault(level) end
      list[#list + 1] = news
    end
  end
  return list
end

return M
