--- The queues in the store. A message has a body and an entry in the index, which are written and
-- removed together; so whatever moment the server is killed at, a message is there or it is not.

local nightjar = require "nightjar"
local bookkeeping = require "queues.book"
local chores = require "queues.chores"
local ids = require "queues.ids"
local limits = require "queues.limits"

local M = {}

local store, keys = nightjar.store, chores.KEYS

-- Numbers begin with the time, so that they rise from start to start even if nothing is stored any
-- more; there are 2^10 per millisecond. And they begin at least 2^32 behind the latest start, in
-- case the clock was set back.
local NUMBERS_PER_MS = 1 << 10
local NUMBERS_PER_START = 1 << 32

--- What the store is to change for a new message.
---@param name string of the queue
---@param number integer
---@param size integer
---@param body {s?: string, t: string, d: string, id?: string}
---@param forgotten? string[] keys of ids that are not remembered any more
---@return table[] changes
function M.put(name, number, size, body, forgotten)
  local changes = {
    { "set", keys.body .. number, body },
    { "add", keys.index, chores.entry(number, size, name), number },
  }
  if body.id then
    changes[3] = { "add", keys.ids, ids.key(name, body.id), number }
    for _, key in ipairs(forgotten or {}) do changes[#changes + 1] = { "remove", keys.ids, key } end
  end
  return changes
end

--- Makes changes, all or none. Waits.
---@param changes table[]
---@return boolean done, string? problem
function M.write(changes)
  -- The wait can end with an error: when its time is over.
  local ok, done, code = pcall(store.batch, changes)
  if ok and done then return true end
  return false, ok and code or tostring(done)
end

--- What is in a message. Waits.
---@param number integer
---@return {s?: string, t: string, d: string, id?: string}? body
---@return string? problem nil if there is no such message
function M.body(number)
  local ok, body, code = pcall(store.get, keys.body .. number)
  if not ok then return nil, tostring(body) end
  -- Without a value the code comes in the second place.
  return body, body == nil and code or nil
end

-- Calls a function with every member of a sorted set and its score, page by page. Nobody may change
-- the set meanwhile.
local function each(key, visit)
  local from = 1
  while true do
    local page, code, detail = store.range(key, from, from + limits.page - 1)
    if not page then error(code .. ": " .. tostring(detail), 0) end
    for _, row in ipairs(page) do visit(row.member, row.score) end
    if #page < limits.page then return end
    from = from + #page
  end
end

--- A book of all that the store has kept. Waits.
---@return gateway.Book? book, string? problem
function M.load()
  local book = bookkeeping.new()
  local ok, problem = pcall(function()
    local where = {}
    each(keys.index, function(entry)
      local number, size, name = entry:match("^(%d+) (%d+) (.+)$")
      number = math.tointeger(tonumber(number))
      bookkeeping.restore(book, name, number, math.tointeger(tonumber(size)))
      where[number] = name
      book.last = number
    end)
    each(keys.failed, function(member, times)
      local number = math.tointeger(tonumber(member))
      local queue = book.queues[where[number]]
      if queue then queue.failed[number] = math.tointeger(times) end
    end)
    each(keys.ids, function(key, number)
      ids.remember(book, key, math.tointeger(number))
    end)
    local before, code, detail = store.get(keys.start)
    if before == nil and code then error(code .. ": " .. tostring(detail), 0) end
    before = before and before + NUMBERS_PER_START or 0
    local start = math.max(book.last, before, nightjar.now() * NUMBERS_PER_MS)
    local done
    done, code = store.set(keys.start, start)
    if not done then error(code, 0) end
    book.last = start
  end)
  if not ok then return nil, tostring(problem) end
  return book
end

return M
