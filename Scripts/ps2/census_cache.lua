--- What Census answered, with the time. Two halves: what is not asked for again while a half fills
-- up is forgotten with the other half.
--
-- The latest answers are kept as text besides, for the next generation: that much can be carried,
-- and a text costs a reload next to nothing.

local nightjar = require "nightjar"
local limits = require "limits"

---@class ps2.CensusCache
---@field private fresh table<string, {value: any, at: integer}>
---@field private former table<string, {value: any, at: integer}>
---@field private count integer
---@field private kept {fresh: table<string, {text: string, at: integer}>, former: table,
--- bytes: integer}
local Cache = {}
Cache.__index = Cache

-- Puts an answer into the halves that a reload carries.
local function keep(kept, key, value, now)
  local text = nightjar.json.encode(value)
  if not text then return end
  local size = #key + #text
  if kept.bytes + size > limits.census_kept_bytes // 2 then
    if size > limits.census_kept_bytes // 2 then return end
    kept.fresh, kept.former, kept.bytes = {}, kept.fresh, 0
  end
  kept.fresh[key], kept.bytes = { text = text, at = now }, kept.bytes + size
end

function Cache:hold(key, value, at)
  if not self.fresh[key] then
    if self.count >= limits.census_cached // 2 then
      self.fresh, self.former, self.count = {}, self.fresh, 0
    end
    self.count = self.count + 1
  end
  local entry = { value = value, at = at }
  self.fresh[key] = entry
  return entry
end

--- Remembers a value.
---@param key string
---@param value any false: it is not there
---@param now integer milliseconds
function Cache:put(key, value, now)
  self:hold(key, value, now)
  keep(self.kept, key, value, now)
end

--- What is remembered, and how old it is.
---@param key string
---@param now integer
---@return any value nil: nothing is known
---@return integer age milliseconds
function Cache:get(key, now)
  local entry = self.fresh[key] or self.former[key]
  if not entry then
    local carried = self.kept.fresh[key] or self.kept.former[key]
    if not carried then return nil, 0 end
    entry = self:hold(key, nightjar.json.decode(carried.text), carried.at)
  end
  return entry.value, math.max(0, now - entry.at)
end

return {
  ---@param kept? table survives reloads
  ---@return ps2.CensusCache
  new = function(kept)
    kept = kept or {}
    kept.fresh, kept.former, kept.bytes = {}, {}, 0
    return setmetatable({ fresh = {}, former = {}, count = 0, kept = kept }, Cache)
  end,
}
