-- An engine that writes to its settings and keeps variables from action to action.
-- game
-- trigger: act write => "seen":5
-- trigger: act deep => "seen":[1,2,3]
-- trigger: act look => "seen":[5,[1,2,3]]
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
  return idle(ctx.settings.list)
end
function M.actions.look(_, _, ctx) return idle { ctx.settings.limit, ctx.settings.list } end
return M
