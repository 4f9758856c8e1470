--- A stand-in for the server, for tests of game engines: a context that records what an engine
-- does.

local nightjar = require "nightjar"

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

--- Makes a context.
---@param settings table effective settings of the game
---@param options? {random: table, credits: integer, now: integer}
---@return testing.Context
function M.context(settings, options)
  options = options or {}
  return setmetatable({
    settings = settings,
    random = options.random or nightjar.random,
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
