--- What specs need: comparisons that say the difference, and a stand-in for the server that records
-- what a game engine does.

local nightjar = require "nightjar"

local M = {}

---@class testing.Context
---@field credits? integer balance at the start of the action
---@field effects table[] every debit and credit so far: {kind, signed amount}
---@field steps table[] the states that the engine closed with `ctx:step`
---@field marks string[] what the engine noted with `ctx:mark`
---@field played? string the mode that the engine chose with `ctx:mode`
---@field max_win? integer what may still be paid, by the settings and what this context has moved
---@field contributions integer[] the stakes that jackpots were fed with
---@field awards string[] the events that jackpots were asked about
---@field jackpots table<string, integer> what an event wins, credits; for the test to set
local Context = {}

-- The most that may still be paid. A round may have moved credits in earlier actions; those are
-- not known here.
local function max_win(ctx)
  local settings, staked, won = ctx.settings, 0, 0
  for _, effect in ipairs(ctx.effects) do
    local kind, amount = effect[1], effect[2]
    if amount < 0 then
      staked = staked - amount
    elseif kind ~= "jackpot" and kind ~= "refund" then
      won = won + amount
    end
  end
  local most = settings.max_win
  local function lower(cap)
    if cap and (not most or cap < most) then most = cap end
  end
  lower(settings.site_max_win)
  local mode = ctx.played and settings.modes[ctx.played]
  if mode then
    lower(mode.max_win)
    lower(mode.max_win_x and mode.max_win_x * staked)
  end
  return most and math.max(0, most - won)
end

-- What is not there before the engine asks: the methods, and what must be worked out.
function Context.__index(ctx, name)
  if name == "max_win" then return max_win(ctx) end
  if name == "credits" then
    error("ctx.credits: an engine knows the balance only if its manifest has it under \"reads\"; "
      .. "then give the test one, testing.context(settings, { credits = 1000 })", 2)
  end
  return Context[name]
end

-- What the server keeps for itself, see `ctx:debit`.
local NO_STAKES = { win = true, jackpot = true, refund = true, wallet = true, opening = true }

function Context:debit(amount, kind)
  assert(math.type(amount) == "integer" and amount >= 0, "debit: whole, not negative")
  if NO_STAKES[kind] then
    error("debit: of the kind bet, extra, or one of the engine's own, not " .. kind, 2)
  end
  self.effects[#self.effects + 1] = { kind or "bet", -amount }
end

function Context:credit(amount, kind)
  assert(math.type(amount) == "integer" and amount >= 0, "credit: whole, not negative")
  if kind == "jackpot" then
    error("credit: jackpots are paid by ctx:contribute and ctx:award", 2)
  end
  if kind == "wallet" or kind == "opening" then
    error("credit: of the kind win, refund, or one of the engine's own, not " .. kind, 2)
  end
  local most = kind ~= "refund" and max_win(self)
  if most and amount > most then error("credit: more than ctx.max_win, " .. most, 2) end
  self.effects[#self.effects + 1] = { kind or "win", amount }
end

function Context:step(state)
  self.steps[#self.steps + 1] = state
end

local function check_name(what, name)
  local fits = type(name) == "string" and #name <= 32 and name:match("^[a-z0-9_]+$")
  if not fits then error(what .. ": 1 to 32 characters of a-z, 0-9 and _", 3) end
end

function Context:mark(name)
  check_name("mark", name)
  if name == "max_win" then error("mark: the server sets max_win itself", 2) end
  self.marks[#self.marks + 1] = name
end

function Context:mode(name)
  check_name("mode", name)
  if not (self.settings.modes or {})[name] then
    error("mode: the settings have no mode " .. name, 2)
  end
  self.played = name
end

function Context:contribute(stake)
  assert(math.type(stake) == "integer" and stake >= 0, "contribute: whole, not negative")
  self.contributions[#self.contributions + 1] = stake
  return nil
end

function Context:award(event, stake)
  assert(type(event) == "string" and math.type(stake) == "integer", "award: event and stake")
  self.awards[#self.awards + 1] = event
  local amount = self.jackpots[event]
  if not amount then return nil end
  self.effects[#self.effects + 1] = { "jackpot", amount }
  return { { id = event, level = event, amount = amount } }
end

--- Sum of all effects: by how much the balance changes.
function Context:sum()
  local sum = 0
  for _, effect in ipairs(self.effects) do sum = sum + effect[2] end
  return sum
end

-- One value in one line; long ones are cut.
local function show(value)
  local text = type(value) == "string" and string.format("%q", value) or tostring(value)
  return #text > 80 and text:sub(1, 77) .. "..." or text
end

-- A table in a message is what is in it, as far as a line has room.
local function show_list(value)
  if type(value) ~= "table" then return show(value) end
  local parts = {}
  for i = 1, math.min(#value, 6) do parts[i] = show(value[i]) end
  if #value > 6 then parts[7] = "…" end
  return "{" .. table.concat(parts, ", ") .. "}"
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

local function whole(value) return math.type(value) == "integer" end

-- What is wrong with what a generator is asked, by function; nil when nothing is.
local asked = {}
-- What is wrong with a result that a test gives for it. Only for what may be asked.
local given = {}

function asked.integer(lowest, highest)
  if highest == nil then lowest, highest = 1, lowest end
  if not (whole(lowest) and whole(highest)) then return "the bounds must be whole numbers" end
  return lowest > highest and "there is no number in this range" or nil
end

function given.integer(result, lowest, highest)
  if highest == nil then lowest, highest = 1, lowest end
  if whole(result) and lowest <= result and result <= highest then return nil end
  return "is no whole number from " .. lowest .. " to " .. highest
end

function asked.number(...)
  return select("#", ...) > 0 and "it takes no arguments" or nil
end

function given.number(result)
  if type(result) == "number" and 0 <= result and result < 1 then return nil end
  return "is no number from 0 to below 1"
end

function asked.sample(n, k)
  if not (whole(n) and whole(k) and n >= 0 and k >= 0) then
    return "it takes the size of the pool and how many to draw"
  end
  return k > n and "there are not so many numbers" or nil
end

function given.sample(result, n, k)
  if type(result) ~= "table" then return "is no list" end
  if #result ~= k then return "has " .. #result .. " numbers instead of " .. k end
  local had = {}
  for i, number in ipairs(result) do
    if given.integer(number, 1, n) then
      return "has a number " .. i .. " that " .. given.integer(number, 1, n)
    end
    if had[number] then return "has the number " .. number .. " twice" end
    had[number] = true
  end
  return nil
end

function asked.pick(list)
  return type(list) ~= "table" and "it takes a list" or nil
end

-- Takes what is the same as `element` out of a list and returns it.
local function take(list, element)
  for i, other in ipairs(list) do
    if not difference(other, element, "") then return table.remove(list, i) end
  end
  return nil
end

function given.pick(result, list)
  if take({ table.unpack(list) }, result) == nil then return "is not in the list" end
  return nil
end

asked.shuffle = asked.pick

function given.shuffle(result, list)
  if type(result) ~= "table" or #result ~= #list then
    return "is no list of " .. #list .. " elements"
  end
  local rest = { table.unpack(list) }
  for i, element in ipairs(result) do
    if take(rest, element) == nil then
      return "has an element " .. i .. " that the list has not, or not so often"
    end
  end
  return nil
end

-- The answer for the engine: the list's own elements, as the server's generator gives them.
local function answer(name, result, list)
  if name == "pick" then return take({ table.unpack(list) }, result) end
  if name ~= "shuffle" then return result end
  local rest, shuffled = { table.unpack(list) }, {}
  for i = 1, #list do shuffled[i] = take(rest, result[i]) end
  return table.move(shuffled, 1, #list, 1, list)
end

--- A random generator whose results are given beforehand: `sample`, `integer`, `pick`, … each
-- take the next one. What the server's generator could not have been asked, or could not have
-- given for what it was asked, fails the test. What was asked stands in the generator's `calls`:
-- { "sample(60, 30)", … }.
---@param ... any the results, in the order in which the engine will ask
function M.fixed(...)
  local results, next_result = { ... }, 0
  local generator = { calls = {} }
  local function function_named(name)
    return function(self, ...)
      if self ~= generator then error(name .. ": call it with a colon, random:" .. name, 2) end
      local arguments = {}
      for i = 1, select("#", ...) do arguments[i] = show_list((select(i, ...))) end
      local call = name .. "(" .. table.concat(arguments, ", ") .. ")"
      generator.calls[#generator.calls + 1] = call
      call = "random:" .. call
      local problem = asked[name](...)
      if problem then error(call .. ": " .. problem, 2) end
      next_result = next_result + 1
      local result = results[next_result]
      if next_result > #results then
        error(call .. ": the engine asks for more random values than the test gives", 2)
      end
      problem = given[name](result, ...)
      if problem then
        local value = "value " .. next_result .. " of testing.fixed, " .. show_list(result)
        error(call .. ": " .. value .. ", " .. problem, 2)
      end
      return answer(name, result, ...)
    end
  end
  for name in pairs(asked) do generator[name] = function_named(name) end
  return generator
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
  if highest == nil then lowest, highest = 1, lowest end
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
    credits = options.credits,
    now = options.now or 0,
    effects = {},
    steps = {},
    marks = {},
    contributions = {},
    awards = {},
    jackpots = {},
  }, Context)
end

-- A player who is offered what the engine does not have would be told that it is not allowed.
local function check_offers(engine, state)
  if type(state) ~= "table" or type(state.actions) ~= "table" then return end
  for _, name in ipairs(state.actions) do
    if not engine.actions[name] then
      local known = {}
      for action in pairs(engine.actions) do known[#known + 1] = action end
      table.sort(known)
      local meant = nightjar.nearest(name, known)
      local hint = meant and ("did you mean \"" .. meant .. "\"?")
        or "it has " .. table.concat(known, ", ")
      local text = "the state \"%s\" offers the action \"%s\", which the engine does not have; %s"
      error(text:format(state.name, name, hint), 3)
    end
  end
end

--- Calls an action as the server does; an unknown or forbidden one fails the test, and so does a
-- state that offers an action which the engine does not have.
---@return table? state, string? code, string? detail
function M.act(engine, state, action, params, ctx)
  local offered = false
  for _, name in ipairs(state.actions) do offered = offered or name == action end
  assert(offered, "the state does not offer the action " .. action)
  local next_state, code, detail = engine.actions[action](state, params or {}, ctx)
  for _, step in ipairs(ctx and ctx.steps or {}) do check_offers(engine, step) end
  check_offers(engine, next_state)
  return next_state, code, detail
end

return M
