--- Look-ups in Census, the game company's data service: who a character is, what a title is called.
--
-- What is asked for twice at a time is asked once; single ids that are wanted at the same moment go
-- in one request; answers are remembered; a request that failed is tried again; and while the
-- service is down, whoever asks is told so at once.

local answers = require "census_answer"
local cache = require "census_cache"
local limits = require "limits"

local M = {}

---@class ps2.CensusOptions
---@field url string without a slash at the end
---@field service_id string
---@field namespace string like "ps2:v2"
---@field per_minute integer
---@field timeout number seconds
---@field pause_ms integer
---@field fetch fun(request: table): table?, string?, string?
---@field sleep fun(seconds: number)
---@field wait fun(name: string, timeout: number)
---@field notify fun(name: string)
---@field now fun(): integer
---@field is_off? boolean ask nobody: what is not known is not known
---@field kept? {answers: table, budget: table} tables that survive reloads
---@field on_answer? fun(key: string, value: any) hears of every answer, for recordings

---@class ps2.Census
---@field private options ps2.CensusOptions
---@field counts table<string, integer> for the page
---@field budget {tokens: number, at: integer, down?: {since: integer, detail: string,
--- again: integer}} survives reloads: the service knows nothing of ours
local Census = {}
Census.__index = Census

-- Waits between the tries, seconds.
local WAITS = { 0, 0.001, 0.01, 0.1, 1 }

-- How long an answer is good, milliseconds. Names of worlds and titles hardly ever change.
local DAY, MINUTE = 86400000, 60000
local AGES = { title = DAY, world = DAY, metagame_event = DAY, character = 5 * MINUTE }

local function age_of(collection) return AGES[collection] or MINUTE end

--- Requests in a minute that Census allows.
---@param service_id string
---@param wanted integer the setting; 0: as usual
---@return integer
function M.allowance(service_id, wanted)
  if wanted > 0 then return wanted end
  return service_id == "example" and 10 or 120
end

---@param options ps2.CensusOptions
---@return ps2.Census
function M.new(options)
  local kept = options.kept or {}
  local budget = kept.budget or {}
  budget.tokens, budget.at = options.per_minute, options.now()
  return setmetatable({
    options = options,
    cache = cache.new(kept.answers),
    budget = budget,
    under_way = {}, -- what others may wait for, by what is asked
    gathering = {}, -- ids that go with the next request, by collection and field
    next_name = 0,
    turns = {}, -- when those who wait for their turn may go
    counts = { asked = 0, retried = 0, failed = 0, remembered = 0, joined = 0 },
  }, Census)
end

local function escape(text)
  return (tostring(text):gsub("[^%w%-%._~,:%^]", function(char)
    return ("%%%02X"):format(char:byte())
  end))
end

local function value_text(value)
  if type(value) ~= "table" then return escape(value) end
  local parts = {}
  for index, one in ipairs(value) do parts[index] = escape(one) end
  return table.concat(parts, ",")
end

-- Fields first, commands (c:join …) behind them.
local function before(a, b)
  local is_command, other_is = a:find("^c:") ~= nil, b:find("^c:") ~= nil
  if is_command ~= other_is then return other_is end
  return a < b
end

--- The path and query of a look-up, without the service id.
---@param namespace string
---@param collection string
---@param filters table<string, any> field or command → value or list of values
---@param limit? integer
---@return string
function M.query(namespace, collection, filters, limit)
  local names = {}
  for name in pairs(filters) do names[#names + 1] = name end
  table.sort(names, before)
  local parts = {}
  for index, name in ipairs(names) do
    parts[index] = escape(name) .. "=" .. value_text(filters[name])
  end
  if limit and limit > 1 then parts[#parts + 1] = "c:limit=" .. limit end
  local path = "/get/" .. namespace .. "/" .. escape(collection)
  return #parts == 0 and path or path .. "?" .. table.concat(parts, "&")
end

-- Mirrors do not want the service id in the path.
local function is_official(url)
  return url:find("^https?://census%.daybreakgames%.com") ~= nil
end

function Census:url(query)
  local base = self.options.url
  if not is_official(base) then return base .. query end
  return base .. "/s:" .. self.options.service_id .. query
end

-- Nobody reads the service id in a log or on a page. The public trial id is no secret.
function Census:masked(text)
  local id = self.options.service_id
  if id == "example" then return text end
  local from, to = text:find(id, 1, true)
  while from do
    text = text:sub(1, from - 1) .. "***" .. text:sub(to + 1)
    from, to = text:find(id, from + 3, true)
  end
  return text
end

-- How many wait for their turn. By the time: who is ended in its sleep tells nobody.
function Census:waiting()
  local turns, now = self.turns, self.options.now()
  for index = #turns, 1, -1 do
    if turns[index] <= now then table.remove(turns, index) end
  end
  return #turns
end

-- Waits for our turn, so that there are not more requests in a minute than allowed.
function Census:take_turn()
  local options, budget = self.options, self.budget
  local now = options.now()
  local rate = options.per_minute / 60000
  local gained = math.max(0, now - budget.at) * rate
  budget.tokens = math.min(options.per_minute, budget.tokens + gained)
  budget.at = now
  local wait = budget.tokens >= 1 and 0 or (1 - budget.tokens) / rate
  if wait > limits.census_ms / 2 or (wait > 0 and self:waiting() >= limits.census_waiting) then
    return nil, "rate_limited",
      ("more than %d requests to Census in a minute"):format(options.per_minute)
  end
  budget.tokens = budget.tokens - 1
  if wait > 0 then
    self.turns[#self.turns + 1] = now + wait
    options.sleep(wait / 1000)
  end
  return true
end

-- One request. Rows, or what is wrong.
function Census:try(collection, query)
  self.counts.asked = self.counts.asked + 1
  local response, code, detail = self.options.fetch {
    url = self:url(query), timeout = self.options.timeout, max_body = limits.message_bytes,
  }
  if response then return answers.read(collection, response) end
  local words = detail and detail ~= "" and code .. ": " .. detail or code
  return nil, { code = "unavailable", detail = self:masked(words), again = true }
end

--- Asks the service, several times if need be.
function Census:request(collection, query)
  local options = self.options
  if options.is_off then return nil, "off", "Census is not asked (setting census)" end
  local budget = self.budget
  local down = budget.down
  if down and options.now() < down.again then
    return nil, "unavailable", "Census is down: " .. down.detail
  end
  local taken, code, detail = self:take_turn()
  if not taken then return nil, code, detail end
  local began = options.now()
  local rows, failure
  for attempt = 0, #WAITS do
    if attempt > 0 then
      if options.now() - began + WAITS[attempt] * 1000 >= limits.census_ms then break end
      options.sleep(WAITS[attempt])
      -- The service counts each try.
      if not self:take_turn() then break end
      self.counts.retried = self.counts.retried + 1
    end
    rows, failure = self:try(collection, query)
    if rows then
      budget.down = nil
      return rows
    end
    if not failure.again then return nil, failure.code, failure.detail end
  end
  self.counts.failed = self.counts.failed + 1
  if failure.code == "unavailable" then
    local now = options.now()
    budget.down = {
      since = budget.down and budget.down.since or now, detail = failure.detail,
      again = now + options.pause_ms,
    }
  end
  return nil, failure.code, failure.detail
end

--- Remembers an answer as if the service had given it now.
---@param key string of a find the query, of a row what `by_id` calls it
---@param value any false: it is not there
function Census:remember(key, value)
  self.cache:put(key, value, self.options.now())
  if self.options.on_answer then self.options.on_answer(key, value) end
end

function Census:new_name()
  self.next_name = self.next_name + 1
  return "census " .. self.next_name
end

-- Waits until another look-up of the same is done. A handler that was ended tells nobody.
function Census:join(work)
  self.counts.joined = self.counts.joined + 1
  if not work.done then self.options.wait(work.name, limits.census_ms / 1000 + 5) end
  if not work.done then return nil, "unavailable", "Census did not answer in time" end
  return work.rows, work.code, work.detail
end

function Census:finish(work, rows, code, detail)
  work.done, work.rows, work.code, work.detail = true, rows, code, detail
  self.options.notify(work.name)
end

-- What was answered before, if the service cannot be asked: better an old name than none.
function Census:stale(key, code, detail)
  local known, age = self.cache:get(key, self.options.now())
  if known and age < limits.census_stale_ms then return known, age / 1000, "stale" end
  return nil, code, detail
end

--- Looks something up. May wait.
---@async
---@param collection string like "character"
---@param filters table<string, any> field → value or list of values; commands like ["c:join"] too
---@param limit? integer how many rows at most; 1 if it is left out
---@return table[]? rows all values are strings; empty: there is nothing of the kind
---@return number|string age seconds since the service said so; with nil a code
---@return string? detail with nil; "stale" if it is older than it should be, the service being down
function Census:find(collection, filters, limit)
  local query = M.query(self.options.namespace, collection, filters, limit)
  local known, age = self.cache:get(query, self.options.now())
  if known and age < age_of(collection) then
    self.counts.remembered = self.counts.remembered + 1
    return known, age / 1000
  end
  local work = self.under_way[query]
  local rows, code, detail
  if work and self.options.now() - work.began < limits.census_ms + 10000 then
    rows, code, detail = self:join(work)
  else
    work = { name = self:new_name(), began = self.options.now() }
    self.under_way[query] = work
    rows, code, detail = self:request(collection, query)
    if rows then self:remember(query, rows) end
    if self.under_way[query] == work then self.under_way[query] = nil end
    self:finish(work, rows, code, detail)
  end
  if rows then return rows, 0 end
  if code ~= "unavailable" and code ~= "rate_limited" and code ~= "off" then
    return nil, code, detail
  end
  return self:stale(query, code, detail)
end

-- Ids that are wanted at the same moment are one request: the first who comes asks for all, after
-- the others had a chance to join.
function Census:gather(kind, id)
  local batch = self.gathering[kind.key]
  if batch and #batch.ids < limits.census_ids then
    batch.ids[#batch.ids + 1] = id
    self.under_way[kind.key .. id] = batch
    return batch
  end
  batch = { name = self:new_name(), began = self.options.now(), ids = { id }, is_new = true }
  self.gathering[kind.key] = batch
  self.under_way[kind.key .. id] = batch
  return batch
end

-- Asks for a batch and remembers each row by its id.
function Census:run(kind, batch)
  self.options.sleep(limits.gather_seconds)
  if self.gathering[kind.key] == batch then self.gathering[kind.key] = nil end
  local filters = { [kind.field] = batch.ids }
  for name, value in pairs(kind.more or {}) do filters[name] = value end
  local query = M.query(self.options.namespace, kind.collection, filters, #batch.ids)
  local rows, code, detail = self:request(kind.collection, query)
  if rows then
    local by_id = {}
    -- By id: the service keeps no order.
    for _, row in ipairs(rows) do by_id[tostring(row[kind.field])] = row end
    for _, id in ipairs(batch.ids) do
      self:remember(kind.key .. id, by_id[id] or false)
    end
  end
  for _, id in ipairs(batch.ids) do
    if self.under_way[kind.key .. id] == batch then self.under_way[kind.key .. id] = nil end
  end
  self:finish(batch, rows, code, detail)
end

---@class ps2.CensusKind what can be looked up by an id
---@field collection string
---@field field string
---@field more? table<string, string> further parts of the query

--- Looks up several by their ids, in as few requests as possible. May wait.
---@async
---@param kind ps2.CensusKind
---@param ids (integer|string)[]
---@return table<string, table>? rows by id, as text; who is not there is missing
---@return number|string age of the oldest, seconds; with nil a code
---@return string? detail
function Census:by_id(kind, ids)
  kind.key = kind.key or kind.collection .. " " .. kind.field .. " "
  local rows, batches, oldest = {}, {}, 0
  local now = self.options.now()
  local wanted = {}
  for _, id in ipairs(ids) do
    id = tostring(id)
    local known, age = self.cache:get(kind.key .. id, now)
    if known ~= nil and age < age_of(kind.collection) then
      self.counts.remembered = self.counts.remembered + 1
      rows[id] = known or nil
      oldest = math.max(oldest, age)
    elseif not wanted[id] then
      wanted[id] = true
      local work = self.under_way[kind.key .. id]
      if not work or now - work.began >= limits.census_ms + 10000 then
        work = self:gather(kind, id)
      end
      batches[#batches + 1] = work
    end
  end
  -- Our own first: others may wait for them.
  for _, batch in ipairs(batches) do
    if batch.is_new then
      batch.is_new = nil
      self:run(kind, batch)
    end
  end
  for _, batch in ipairs(batches) do
    if not batch.done then self:join(batch) end
  end
  return self:collect(kind, wanted, batches, rows, oldest)
end

function Census:collect(kind, wanted, batches, rows, oldest)
  local code, detail
  for _, batch in ipairs(batches) do
    if not batch.rows then
      code, detail = batch.code or "unavailable", batch.detail or "Census did not answer in time"
    end
  end
  local now, is_stale = self.options.now(), nil
  for id in pairs(wanted) do
    local known, age = self.cache:get(kind.key .. id, now)
    if known == nil or (code and age >= limits.census_stale_ms) then
      if code then return nil, code, detail end
    else
      rows[id] = known or nil
      oldest = math.max(oldest, age)
      if age >= age_of(kind.collection) then is_stale = "stale" end
    end
  end
  return rows, oldest / 1000, is_stale
end

--- What the page shows.
function Census:status()
  local status = { waiting = self:waiting() }
  for name, count in pairs(self.counts) do status[name] = count end
  local down = self.budget.down
  if down then status.down = { since = down.since, detail = down.detail } end
  return status
end

return M
