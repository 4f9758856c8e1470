-- States that are no plain data: functions, cycles, NaN, odd names, none at all.
-- game
-- trigger: act f => internal
-- trigger: act cycle => internal
-- trigger: act nan => internal
-- trigger: act name => internal
-- trigger: act none => internal
-- trigger: act shared => internal
-- trigger: act money => internal
local M = { actions = {} }
local function idle(data) return { name = "idle", data = data or {}, actions = { "f", "cycle", "nan", "name", "none", "shared", "money" } } end
function M.init() return idle() end
function M.actions.f() return idle { f = print } end
function M.actions.cycle() local t = {} t.t = t return idle(t) end
function M.actions.nan() return idle { n = 0 / 0, m = 1 / 0 } end
function M.actions.name() return { name = ("n"):rep(1000000), data = "x", actions = { [5] = print } } end
function M.actions.none() end
function M.actions.shared() local t = { 1 } for _ = 1, 40 do t = { t, t } end return idle(t) end
function M.actions.money(state, _, ctx)
  pcall(ctx.debit, ctx, -1)
  pcall(ctx.credit, ctx, math.maxinteger)
  pcall(ctx.credit, ctx, 0 / 0)
  pcall(ctx.debit, ctx, 1, ("k"):rep(1000000))
  return state
end
return M
