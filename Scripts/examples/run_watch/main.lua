--- An example of triggers over a source of your own: a mod of a roguelike posts what happens in a
-- run, and whoever watches the stream sees the moments that matter. Start it with
--
--     nightjar serve --debug --packages Scripts/examples
--     curl -d '{"kind":"room_cleared","runner":"Kim","room":"12","seconds":"41.5","hits":"0"}' \
--       http://127.0.0.1:8080/runs/events
--     curl 'http://127.0.0.1:8080/runs/triggers'
--     nightjar triggers --package run_watch
--
-- The triggers are in triggers.lua: save that file, and the next event meets the new ones, with the
-- counters of those that you left alone. docs/triggers.md explains all of it.

local nightjar = require "nightjar"
local triggers = require "lib.triggers"

---@type nightjar.Package
local M = {}

-- What the mod sends. Everything else is kept as it came.
local set = triggers.new {
  name = "runs",
  events = {
    name = "kind",
    common = { runner = "string" },
    kinds = {
      run_started = { weapon = "string" },
      room_cleared = { room = "integer", seconds = "number", hits = "integer" },
      boss_beaten = { boss = "string", seconds = "number", hits = "integer" },
      died = { room = "integer", by = "string" },
    },
    filters = { { property = "runners", fields = { "runner" }, type = "string" } },
  },
}

-- What the triggers say goes to everybody who watches, and to the log.
local function announce(text)
  print(text)
  nightjar.room("runs"):send(text)
end

require("triggers")(set, announce)

-- `nightjar triggers --package run_watch` shows them in a terminal.
set:provide()

function M.on_reload()
  local difference = set:resume()
  nightjar.log.info("triggers loaded", {
    new = #difference.added, kept = #difference.kept, gone = #difference.removed,
  })
end

nightjar.websocket.endpoint("/runs/watch", {
  open = function(conn) nightjar.room("runs"):join(conn) end,
  message = function() end,
})

nightjar.http.post("/runs/events", function(request)
  local event, fired, detail = set:dispatch(request.body)
  if not event then return { status = 400, json = { error = fired, detail = detail } } end
  return { json = { fired = fired } }
end)

-- Counters and kept events; with `?name=…`, why that trigger did not fire for what it saw last.
nightjar.http.get("/runs/triggers", function(request)
  local name = request.query.name
  if not name then return { json = set:report() } end
  local report = set:report(name)
  if not report then return { status = 404, json = { error = "no_trigger" } } end
  local reasons = nightjar.json.array()
  for i, failed in ipairs(report.last_failed) do
    reasons[i] = (set:explain(name, failed.text)
      or { words = "the event was too long to be kept" }).words
  end
  return { json = { name = name, seen = report.seen, matched = report.matched, why_not = reasons } }
end)

return M
