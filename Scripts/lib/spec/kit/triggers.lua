--- What the specs of the triggers share: a set over made-up events, a host whose clock stands still
-- and whose tasks run when the spec says so.

local nightjar = require "nightjar"
local triggers = require "lib.triggers"

local M = {}

M.events = {
  within = "payload", envelope = { type = "serviceMessage" },
  common = { timestamp = "integer", world_id = "integer" },
  kinds = {
    Death = {
      attacker_character_id = "integer", character_id = "integer", is_headshot = "boolean",
      attacker_team_id = "integer", team_id = "integer", vehicle_id = "integer?", zone_id = "integer",
    },
    GainExperience = { character_id = "integer", experience_id = "integer", amount = "integer" },
    MetagameEvent = { zone_id = { type = "integer", default = -1 }, bonus = "number", state = "string" },
  },
  aliases = { Kill = "Death" },
  narrow = function(name)
    local id = name:match("^GainExperience_experience_id_(%d+)$")
    if id then return "GainExperience", "experience_id", math.tointeger(tonumber(id)) end
  end,
  filters = {
    { property = "characters", fields = { "character_id", "attacker_character_id" }, type = "integer" },
    { property = "worlds", fields = { "world_id" }, type = "integer" },
  },
}

--- The text of a Death; the fields given are other than usual, nil-like "" leaves one out.
function M.death(changes)
  local payload = {
    event_name = "Death", timestamp = "1700000000", world_id = "17", character_id = "5428010618015189713",
    attacker_character_id = "5429026007696236657", is_headshot = "0", attacker_team_id = "2", team_id = "1",
    zone_id = "8",
  }
  for key, value in pairs(changes or {}) do
    if value == "" then value = nil end
    payload[key] = value
  end
  return nightjar.json.encode({ payload = payload, service = "event", type = "serviceMessage" })
end

--- The text of any other event.
function M.event(payload)
  payload.timestamp, payload.world_id = payload.timestamp or "1700000000", payload.world_id or "17"
  return nightjar.json.encode({ payload = payload, service = "event", type = "serviceMessage" })
end

--- A store as `nightjar.state` is one, kept by the spec.
function M.state()
  local kept = {}
  return {
    kept = kept,
    get = function(key, default)
      if kept[key] == nil then return default end
      return kept[key]
    end,
    set = function(key, value)
      kept[key] = value
      return true
    end,
  }
end

---@class stand.Host what a spec looks at and moves
---@field ms integer
---@field warnings {message: string, fields: table}[]
---@field tasks function[] spawned and not begun

--- A set and what it is in the hands of.
---@return triggers.Set set
---@return stand.Host host
function M.set(options)
  local host = { ms = 1000, warnings = {}, tasks = {}, notified = {} }
  local given = {
    name = "probe", events = M.events, state = false, every = function() end, go_on = coroutine.yield, time_every = 1,
    now = function() return host.ms end,
    clock = function() return host.ms / 1000 end,
    warn = function(message, fields) host.warnings[#host.warnings + 1] = { message = message, fields = fields } end,
    spawn = function(fn, ...)
      if host.busy then return nil, "busy" end
      local arguments = { ... }
      host.tasks[#host.tasks + 1] = function() fn(table.unpack(arguments)) end
      return true
    end,
    wait = function() end,
    -- One that yields is one that was ended.
    isolate = function(fn)
      local task = coroutine.create(fn)
      local ok, failure = coroutine.resume(task)
      if not ok then error(failure, 0) end
      return coroutine.status(task) == "dead"
    end,
    notify = function(name) host.notified[#host.notified + 1] = name end,
  }
  for key, value in pairs(options or {}) do given[key] = value end
  --- Begins every task that waits, each in a coroutine; those it gives stay there if they wait.
  function host.run()
    local open = {}
    while #host.tasks > 0 do
      local task = coroutine.create(table.remove(host.tasks, 1))
      local ok, failure = coroutine.resume(task)
      assert(ok, failure)
      if coroutine.status(task) ~= "dead" then open[#open + 1] = task end
    end
    return open
  end
  return triggers.new(given), host
end

--- Fails unless the call raises an error that contains the text.
function M.refused(text, fn, ...)
  local ok, failure = pcall(fn, ...)
  assert(not ok, "no error; expected: " .. text)
  assert(tostring(failure):find(text, 1, true), ("expected %q, got %q"):format(text, tostring(failure)))
end

return M
