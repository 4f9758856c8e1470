--- Conditions that take too long again and again: each time costs as much as a handler may work,
-- and the event is lost to the triggers behind. So such a one is not asked for a while.

local limits = require "lib.triggers.limits"
local records = require "lib.triggers.records"

local M = {}

---@class triggers.Cut plain data, of one trigger
---@field number integer the condition
---@field times integer how often it took too long, without an answer between
---@field progress integer answers it had given by then
---@field till? integer it is not asked before, milliseconds since 1970

--- The condition that is not asked at present.
---@param trigger triggers.Trigger
---@return triggers.Cut?
function M.cut_off(trigger)
  local cut = trigger.record.cut
  return cut and cut.till and cut or nil
end

-- Events for which the condition has given an answer, or took too long.
local function progress_of(trigger, number)
  local count = trigger.record.matched - (trigger.record.unasked or 0)
  for index = #trigger.tests + number, #trigger.tests + #records.conditions(trigger) do
    local cell = trigger.traces.cells[index]
    count = count + (cell and cell[1] or 0)
  end
  return count
end

-- What is compiled asks the condition, or does not.
local function compile_anew(set, trigger)
  for name in pairs(trigger.by_event) do
    if set.buckets[name] then set.buckets[name].dirty = true end
  end
end

--- A condition took too long, which has been counted.
---@param set triggers.Set
---@param trigger triggers.Trigger
---@param number integer
---@param now integer
function M.overran(set, trigger, number, now)
  local record, progress = trigger.record, progress_of(trigger, number)
  local cut = record.cut
  if not cut or cut.number ~= number or cut.progress ~= progress - 1 then
    cut = { number = number, times = 0 }
    record.cut = cut
  end
  cut.times, cut.progress = cut.times + 1, progress
  if cut.times < limits.overruns or cut.till then return end
  cut.till = now + limits.overrun_pause_ms
  set.cut_off[trigger] = true
  compile_anew(set, trigger)
  set:warn("a condition is not asked for a while: it took too long several times in a row", {
    trigger = trigger.key, condition = number, times = cut.times,
    seconds = limits.overrun_pause_ms // 1000,
  })
end

--- An event came for which the condition was not asked.
---@param record triggers.Record
function M.count(record) record.unasked = (record.unasked or 0) + 1 end

--- Lets conditions be asked again whose time is over. Called once a second.
---@param set triggers.Set
---@param now integer
function M.sweep(set, now)
  for trigger in pairs(set.cut_off) do
    local cut = M.cut_off(trigger)
    -- The clock may have been set back.
    if not cut or now >= cut.till or now < cut.till - limits.overrun_pause_ms then
      if cut then cut.till = nil end
      set.cut_off[trigger] = nil
      compile_anew(set, trigger)
    end
  end
end

--- After a reload: what was not asked is not asked.
---@param set triggers.Set
function M.resume(set)
  for _, trigger in ipairs(set.order) do
    if M.cut_off(trigger) then set.cut_off[trigger] = true end
  end
end

return M
