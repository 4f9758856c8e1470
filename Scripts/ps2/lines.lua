--- The same as on the page, in lines for a terminal: what `nightjar triggers` prints. The triggers'
-- own lines are those of every set; here is what PlanetSide adds.

local nightjar = require "nightjar"
local core = require "core"
local shared = require "lib.triggers.lines"
local snapshot = require "snapshot"

local M = {}

--- The connection: worlds, silence, downtime, what was odd.
function M.connection()
  local connection = snapshot.connection()
  local paused = connection.paused and " by a script, until a trigger is added" or ""
  local lines = { ("stream %s: %s%s"):format(connection.url, connection.state, paused) }
  local function add(text, ...) lines[#lines + 1] = text:format(...) end
  if connection.error and not connection.since then
    add("  last error: %s %s", connection.error.code, connection.error.message)
  end
  if connection.heartbeat_ms then
    add("  last heartbeat %s ago", shared.duration(connection.heartbeat_ms))
  end
  add("  %d subscriptions; altered by the service %d times, asked for again %d times",
    connection.subscribed, connection.counts.altered, connection.counts.resubscribed)
  add("  down %d times, %s in all", connection.down.count,
    shared.duration(connection.down.total_ms))
  add("  messages %d, events %d, skipped %d, dropped as duplicates %d, not JSON %d, unknown %d",
    core.counts.messages, core.counts.events, core.counts.skipped,
    core.duplicates.kept.dropped, core.counts.garbage, core.counts.unknown)
  local rows = { { "world", "state", "silent for" } }
  for _, world in ipairs(connection.worlds) do
    local parts, stale = {}, {}
    for _, one in ipairs(world.stale or {}) do stale[one.event] = true end
    for _, one in ipairs(world.events) do
      local mark = stale[one.name] and " STALE" or ""
      parts[#parts + 1] = one.name .. " " .. shared.duration(one.ago_ms) .. mark
      stale[one.name] = nil
    end
    for event in pairs(stale) do parts[#parts + 1] = event .. " STALE" end
    local state = world.online and "online" or world.online == false and "offline" or "?"
    rows[#rows + 1] = { world.name, state, table.concat(parts, ", ") }
  end
  if #rows > 1 then
    lines[#lines + 1] = ""
    for _, line in ipairs(shared.aligned(rows)) do lines[#lines + 1] = line end
  end
  if #connection.notes > 0 then lines[#lines + 1] = "" end
  for index = math.max(1, #connection.notes - 9), #connection.notes do
    local note = connection.notes[index]
    local fields = nightjar.json.encode(note.fields or {}, { sort = true })
    add("%s  %s %s", shared.time_text(note.at), note.message, fields ~= "{}" and fields or "")
  end
  return lines
end

-- Files that do not load come first: whoever looks for a trigger of such a file must not look for
-- long.
local function before(question)
  local lines = {}
  for index, one in ipairs(snapshot.broken()) do
    lines[index] = ("NOT LOADED, its triggers are off: %s"):format(one.problem)
  end
  if math.type(question.replayed) == "integer" then
    lines[#lines + 1] = ("%d lines replayed, %d events, %d skipped, %d dropped as duplicates")
      :format(question.replayed, core.counts.events, core.counts.skipped,
        core.duplicates.kept.dropped)
  end
  return lines
end

---@type triggers.LinesOptions
local OPTIONS = {
  empty = {
    "no trigger is on. Put a file into Scripts/ps2/triggers, or name an example in the setting",
    'triggers of ps2: "packages": {"ps2": {"triggers": ["rank_up"]}}',
  },
  log = M.connection, before = before,
}

--- Answers `nightjar triggers`.
---@param question {name?: string, event?: string, log?: boolean, replayed?: integer}
---@return {ok: boolean, lines: string[]}
function M.answer(question) return shared.answer(core.set, question, OPTIONS) end

core.set:provide("ps2", OPTIONS)

return M
