--- What specs need: comparisons that say the difference, and a stand-in for the server that records
-- what a game engine does.

local M = {}

---@class testing.Context
---@field credits integer balance at the start of the action
---@field effects table[] every debit and credit so far: {kind, signed amount}
---@field steps table[] the states that the engine closed with `ctx:step`
local Context = {}
Context.__index = Context

function Context:debit(amount, kind)
  assert(math.type(amount) == "integer" and amount >= 0, "debit: whole, not negative")
  self.effects[#self.effects + 1] = { kind or "bet", -amount }
end

function Context:credit(amount, kind)
  assert(math.type(amount) == "integer" and amount >= 0, "credit: whole, not negative")
  self.effects[#self.effects + 1] = { kind or "win", amount }
end

function Context:step(state)
  self.steps[#self.steps + 1] = state
end

--- Sum of all effects: by how much the balance changes.
function Context:sum()
  local sum = 0
  for _, effect in ipairs(self.effects) do sum = sum + effect[2] end
  return sum
end

--- A random generator whose results are given beforehand: `sample`, `integer`, `pick`, … each
-- take the next one.
---@param ... any the results, in the order in which the engine will ask
function M.fixed(...)
  local results, next_result = { ... }, 0
  local function take()
    next_result = next_result + 1
    assert(next_result <= #results, "the engine asks for more random values than the test gives")
    return results[next_result]
  end
  return { sample = take, integer = take, pick = take, number = take, shuffle = take }
end

---@class testing.Random
---@field state integer
local Random = {}
Random.__index = Random

--- The next 64 bits: splitmix64, a counter whose bits are mixed.
function Random:next()
  self.state = self.state + 0x9E3779B97F4A7C15
  local word = self.state
  word = (word ~ word >> 30) * 0xBF58476D1CE4E5B9
  word = (word ~ word >> 27) * 0x94D049BB133111EB
  return word ~ word >> 31
end

function Random:integer(lowest, highest)
  assert(lowest <= highest, "integer: the lowest number comes first")
  -- 63 bits are so many more than a test's ranges that the remainder is as good as even.
  return lowest + (self:next() >> 1) % (highest - lowest + 1)
end

function Random:number()
  return (self:next() >> 11) / (1 << 53)
end

function Random:shuffle(list)
  for i = #list, 2, -1 do
    local j = self:integer(1, i)
    list[i], list[j] = list[j], list[i]
  end
  return list
end

function Random:sample(n, k)
  assert(k <= n, "sample: there are not so many numbers")
  local numbers = {}
  for number = 1, n do numbers[number] = number end
  return table.move(self:shuffle(numbers), 1, k, 1, {})
end

function Random:pick(list)
  return list[self:integer(1, #list)]
end

--- A random generator that gives the same numbers in every run: a test that fails today fails
-- tomorrow too. The server's own are from the operating system.
---@param seed integer
---@return testing.Random
function M.random(seed)
  return setmetatable({ state = seed }, Random)
end

-- Contexts without a generator of their own get one each.
local next_seed = 0

-- One value in one line; long ones are cut.
local function show(value)
  local text = type(value) == "string" and string.format("%q", value) or tostring(value)
  return #text > 80 and text:sub(1, 77) .. "..." or text
end

-- Where two values differ first: path, what was expected, what is there.
local function difference(actual, expected, path)
  if type(actual) ~= "table" or type(expected) ~= "table" then
    if actual ~= expected then return path, expected, actual end
    return nil
  end
  local keys = {}
  for key in pairs(expected) do keys[#keys + 1] = key end
  for key in pairs(actual) do if expected[key] == nil then keys[#keys + 1] = key end end
  -- Sorted, so that a failure comes out the same every time.
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(keys) do
    local name = math.type(key) and "[" .. key .. "]" or "." .. tostring(key)
    local where, wanted, found = difference(actual[key], expected[key], path .. name)
    if where then return where, wanted, found end
  end
  return nil
end

--- Fails the test unless two values are the same, tables by what is in them.
---@param actual any
---@param expected any plain data
---@param what? string what the values are, for the message
function M.equal(actual, expected, what)
  local path, wanted, found = difference(actual, expected, what or "value")
  if path then error(path .. ": expected " .. show(wanted) .. ", got " .. show(found), 2) end
end

--- Makes a context.
---@param settings table effective settings of the game
---@param options? {random: table, credits: integer, now: integer}
---@return testing.Context
function M.context(settings, options)
  options = options or {}
  next_seed = next_seed + 1
  return setmetatable({
    settings = settings,
    random = options.random or M.random(next_seed),
    credits = options.credits or 1000,
    now = options.now or 0,
    effects = {},
    steps = {},
  }, Context)
end

--- Calls an action as the server does; an unknown or forbidden one fails the test.
---@return table? state, string? code, string? detail
function M.act(engine, state, action, params, ctx)
  local offered = false
  for _, name in ipairs(state.actions) do offered = offered or name == action end
  assert(offered, "the state does not offer the action " .. action)
  return engine.actions[action](state, params or {}, ctx)
end

return M
