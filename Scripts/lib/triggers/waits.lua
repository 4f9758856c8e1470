--- Waiting for an event in the middle of a script.

local definition = require "lib.triggers.definition"
local registry = require "lib.triggers.registry"

local M = {}

--- Registers triggers until the first of them fires, and gives its event. The action of the
-- definitions, if any, is not called. Waits.
---@async
---@param set triggers.Set
---@param ... table|number definitions; at the end seconds, if there is a limit
---@return table? event
---@return string? code with nil: `timeout`
---@return string? detail
function M.wait_for(set, ...)
  local given = { ... }
  local timeout = type(given[#given]) == "number" and table.remove(given) or nil
  if timeout and timeout <= 0 then timeout = nil end
  if #given == 0 then error("wait_for: at least one trigger expected", 3) end
  set.waits = set.waits + 1
  local name = ("triggers %s wait %d"):format(set.name, set.waits)
  local added, found = {}, nil
  local function remove_all()
    for _, trigger in ipairs(added) do
      registry.remove(set, trigger)
    end
    added = {}
  end
  local function on_fire(event)
    if found then return end
    found = event
    remove_all()
    set.host.notify(name)
  end
  local ok, failure
  for _, one in ipairs(given) do
    -- 3: past `pcall` and this function, to who called `set:wait_for`, which makes a tail call.
    ok, failure = pcall(registry.add, set, one, 3, function(event)
      -- Who waits with a trigger finds in it when it ran.
      if definition.is_trigger(one) then one.last_run = set.host.now() end
      on_fire(event)
    end)
    if not ok then break end
    added[#added + 1] = failure
  end
  if ok then ok, failure = pcall(set.host.wait, name, timeout) end
  remove_all()
  if not ok then error(failure, 0) end
  if found then return found end
  return nil, "timeout", ("none of the triggers fired within %s s"):format(tostring(timeout))
end

return M
