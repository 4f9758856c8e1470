--- Events that some triggers never saw: a condition took too long, and who gave the event was ended
-- with it.

local breaker = require "lib.triggers.breaker"
local evaluate = require "lib.triggers.evaluate"
local reader = require "lib.triggers.reader"

local M = {}

--- Counts what was ended while it asked a condition.
---@param set triggers.Set
---@return triggers.Lost[] lost one for each event
function M.notice(set)
  local list, now = {}, set.host.now()
  for i, one in ipairs(evaluate.unfinished(set)) do
    local trigger, event = one.trigger, one.event
    set.lost = set.lost + 1
    list[i] = { trigger = trigger and trigger.key, condition = trigger and one.number }
    set.latest_lost = list[i]
    if trigger then
      local text = event and reader.text(set.schema, event) or ""
      if #text > set.trace_bytes then text = "" end
      evaluate.count_unfinished(trigger, one.number, text, now)
      breaker.overran(set, trigger, one.number, now)
    end
    if event and set.on_lost then set.on_lost(event, list[i]) end
    set:warn("a condition took too long; the triggers that had not fired have lost the event", {
      trigger = list[i].trigger, condition = list[i].condition,
    })
  end
  return list
end

return M
