--- What Census answered, with the time. Two halves: what is not asked for again while a half fills
-- up is forgotten with the other half.

local limits = require "limits"

---@class ps2.CensusCache
---@field private fresh table<string, {value: any, at: integer}>
---@field private former table<string, {value: any, at: integer}>
---@field private count integer
local Cache = {}
Cache.__index = Cache

--- Remembers a value.
---@param key string
---@param value any false: it is not there
---@param now integer milliseconds
function Cache:put(key, value, now)
  if not self.fresh[key] then
    if self.count >= limits.census_cached // 2 then
      self.fresh, self.former, self.count = {}, self.fresh, 0
    end
    self.count = self.count + 1
  end
  self.fresh[key] = { value = value, at = now }
end

--- What is remembered, and how old it is.
---@param key string
---@param now integer
---@return any value nil: nothing is known
---@return integer age milliseconds
function Cache:get(key, now)
  local entry = self.fresh[key] or self.former[key]
  if not entry then return nil, 0 end
  return entry.value, math.max(0, now - entry.at)
end

return {
  ---@return ps2.CensusCache
  new = function()
    return setmetatable({ fresh = {}, former = {}, count = 0 }, Cache)
  end,
}
