--- Keeps the running alerts of each world and shows them on a page, live: /alerts/ on the listener
-- of this package. Put that path, and only that, behind your web server (docs/ps2.md).

local nightjar = require "nightjar"
local headers = require "lib.headers"
local names = require "names"
local ps2 = require "ps2"

-- What `metagame_event_state` says.
local STARTED, RESTARTED, CANCELLED, ENDED, BONUS = 135, 136, 137, 138, 139

-- An alert lasts an hour and a half at most. One whose end was missed goes away by itself.
local LONGEST = 2 * 3600 -- seconds

-- Alerts by world and instance, and how often they changed. It survives reloads.
local board = ps2.state { alerts = {}, changes = 0 }

local function sorted()
  local list = nightjar.json.array {}
  for _, alert in pairs(board.alerts) do list[#list + 1] = alert end
  table.sort(list, function(a, b)
    if a.world ~= b.world then return a.world < b.world end
    return a.key < b.key
  end)
  return list
end

local function message()
  return nightjar.json.encode({ now = ps2.now() // 1000, alerts = sorted() }, { sort = true })
end

local function tell()
  board.changes = board.changes + 1
  nightjar.room("alerts"):send(message())
end

-- Alerts have names in Census. Until they are known the number is shown: what was not answered is
-- asked again with the next message of the alert, and every minute.
local function find_name(alert)
  if alert.name then return end
  local rows = ps2.find("metagame_event", { metagame_event_id = alert.kind })
  local name = rows and rows[1] and names.of(rows[1])
  -- It may have ended while we waited.
  if not name or board.alerts[alert.key] ~= alert then return end
  alert.name = name
  tell()
end

local function share(value) return math.floor(value * 10 + 0.5) / 10 end

ps2.trigger {
  name = "alert_board",
  events = { "MetagameEvent" },
  action = function(event)
    local key = ("%d/%d"):format(event.world_id, event.instance_id)
    local state = event.metagame_event_state
    if state == ENDED or state == CANCELLED then
      if board.alerts[key] then
        board.alerts[key] = nil
        tell()
      end
      return
    end
    if state ~= STARTED and state ~= RESTARTED and state ~= BONUS then return end
    local alert = board.alerts[key]
    if not alert then
      alert = { key = key, since = event.timestamp }
      board.alerts[key] = alert
    end
    alert.world = ps2.world_name(event.world_id)
    alert.zone = ps2.zones[event.zone_id] or nil
    alert.kind = event.metagame_event_id
    alert.bonus = event.experience_bonus
    alert.vs, alert.nc = share(event.faction_vs), share(event.faction_nc)
    alert.tr = share(event.faction_tr)
    tell()
    find_name(alert)
  end,
}

ps2.every("alert_board", 60, function()
  local now, gone, running = ps2.now() // 1000, false, {}
  for key, alert in pairs(board.alerts) do
    if now - alert.since > LONGEST then
      board.alerts[key], gone = nil, true
    else
      running[#running + 1] = alert
    end
  end
  if gone then tell() end
  for _, alert in ipairs(running) do find_name(alert) end
end)

-- The page ------------------------------------------------------------------------------------

local HEADERS = headers.of_page()
local html = nightjar.data("examples/alert_board/index.html")

nightjar.http.get("/alerts/", function()
  return { status = 200, headers = HEADERS, body = html }
end)
nightjar.http.static("/alerts/page", "examples/alert_board")
nightjar.http.get("/alerts/now", function()
  return { headers = { ["content-type"] = "application/json" }, body = message() }
end, { cors = true })

nightjar.websocket.endpoint("/alerts/live", {
  open = function(conn)
    nightjar.room("alerts"):join(conn)
    conn:send(message())
  end,
  -- Nobody has anything to say here.
  message = function(conn) conn:close(1008, "this page only listens") end,
  max_message = 64,
})
