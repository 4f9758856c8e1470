--- Waiting for an event in the middle of a script.

local nightjar = require "nightjar"
local definition = require "lib.triggers.definition"
local registry = require "lib.triggers.registry"

local M = {}

-- Whoever waits in a former generation is told by the new one. It asks by itself, too, whether its
-- own still runs, seconds: the new one may have no such set.
local LOOK_SECONDS = 10

-- A loop that does not look at the code shall not go round and round, seconds.
local PAUSE_SECONDS = 1

local RELOADED = "the scripts were loaded anew; events go to the new ones"

-- Names of those who wait, for the next generation.
local function known(set)
  local state, key = set.host.state, set.name .. ".waits"
  local names = state.get(key)
  if not names then
    names = {}
    state.set(key, names)
  end
  return names
end

-- Until the name is notified or the time is over. False: the generation was replaced.
local function wait(set, name, timeout)
  local host = set.host
  if not host.state then
    host.wait(name, timeout)
    return true
  end
  known(set)[name] = true
  local left = timeout or math.huge
  while left > 0 do
    local step = math.min(left, LOOK_SECONDS)
    local _, code = host.wait(name, step, left)
    if not host.alive() then return false end
    if code ~= "timeout" then break end
    left = left - step
  end
  known(set)[name] = nil
  return true
end

--- Tells those who wait in the former generation that it is the former one. Once, when the new one
-- runs.
---@param set triggers.Set
function M.tell_former(set)
  if not set.former_waits then return end
  for name in pairs(set.former_waits) do set.host.notify(name) end
  set.former_waits = nil
end

--- Remembers who waits in the former generation.
---@param set triggers.Set
function M.resume(set)
  local state, key = set.host.state, set.name .. ".waits"
  if not state then return end
  set.former_waits = state.get(key)
  state.set(key, {})
end

--- Registers triggers until the first of them fires, and gives its event. The action of the
-- definitions, if any, is not called. Waits.
---@async
---@param set triggers.Set
---@param ... table|number definitions; at the end seconds, if there is a limit
---@return table? event
---@return string? code with nil: `timeout`, or `reloaded`: the generation was replaced
---@return string? detail
function M.wait_for(set, ...)
  local given = { ... }
  local timeout = type(given[#given]) == "number" and table.remove(given) or nil
  if timeout and timeout <= 0 then timeout = nil end
  if #given == 0 then error("wait_for: at least one trigger expected", 3) end
  set.waits = set.waits + 1
  -- Those of a former generation may still wait.
  local name = ("triggers %s wait %d.%d"):format(set.name, nightjar.generation, set.waits)
  if set.host.state and not set.host.alive() then
    set.host.wait(name, PAUSE_SECONDS)
    return nil, "reloaded", RELOADED
  end
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
  if ok then ok, failure = pcall(wait, set, name, timeout) end
  remove_all()
  if not ok then error(failure, 0) end
  if found then return found end
  if failure == false then return nil, "reloaded", RELOADED end
  return nil, "timeout", ("none of the triggers fired within %s s"):format(tostring(timeout))
end

return M
