-- An engine that writes to its settings and keeps variables from action to action.
-- game
-- trigger: act write
-- trigger: act deep
-- trigger: act look
-- expect: reply "seen":5
local M = { actions = {} }
local function idle(seen) return { name = "idle", data = { seen = seen }, actions = { "write", "deep", "look" } } end
function M.init(settings) return idle(settings.limit) end
function M.actions.write(_, _, ctx)
  pcall(function() ctx.settings.limit = 99 end)
  pcall(rawset, ctx.settings, "limit", 99)
  return idle(ctx.settings.limit)
end
function M.actions.deep(_, _, ctx)
  pcall(function() ctx.settings.list[1] = 99 end)
  pcall(table.insert, ctx.settings.list, 99)
  return idle(ctx.settings.limit)
end
function M.actions.look(_, _, ctx) return idle(ctx.settings.limit) end
return M
