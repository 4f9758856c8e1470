--- The same as on the page, in lines for a terminal: what `nightjar triggers` prints.

local nightjar = require "nightjar"
local core = require "core"
local snapshot = require "snapshot"

local M = {}

local function pad(text, width, right)
  local missing = width - (utf8.len(text) or #text)
  if missing <= 0 then return text end
  return right and (" "):rep(missing) .. text or text .. (" "):rep(missing)
end

-- Rows of texts as columns; numbers stand on the right.
local function aligned(rows)
  local widths, lines = {}, {}
  for _, row in ipairs(rows) do
    for index, cell in ipairs(row) do
      widths[index] = math.max(widths[index] or 0, utf8.len(cell) or #cell)
    end
  end
  for number, row in ipairs(rows) do
    local cells = {}
    for index, cell in ipairs(row) do
      local is_number = number > 1 and cell:find("^[%d,]+$") ~= nil
      cells[index] = index == #row and cell or pad(cell, widths[index], is_number)
    end
    lines[number] = (table.concat(cells, "  "):gsub(" +$", ""))
  end
  return lines
end

local function duration(ms)
  local seconds = ms / 1000
  if seconds < 10 then return ("%.1f s"):format(seconds) end
  if seconds < 120 then return ("%d s"):format(seconds // 1) end
  if seconds < 7200 then return ("%d min"):format(seconds // 60) end
  return ("%d h"):format(seconds // 3600)
end

local function rejections(report)
  local parts = {}
  for _, one in ipairs(report.rejected) do
    if one.count > 0 then parts[#parts + 1] = ("%s %d"):format(one.test, one.count) end
  end
  return #parts > 0 and table.concat(parts, ", ") or "–"
end

local function name_of(report) return report.name or report.key end

local function time_text(ms) return os.date("!%Y-%m-%d %H:%M:%S", ms // 1000) .. " UTC" end

--- All triggers as a table.
function M.list()
  local triggers = snapshot.triggers()
  if #triggers.list == 0 then
    return {
      "no trigger is on. Put a file into Scripts/ps2/triggers, or name an example in the setting",
      'triggers of ps2: "packages": {"ps2": {"triggers": ["rank_up"]}}',
    }
  end
  local rows = { { "trigger", "seen", "fired", "errors", "rejected by", "events" } }
  for _, report in ipairs(triggers.list) do
    rows[#rows + 1] = {
      name_of(report), tostring(report.seen), tostring(report.matched), tostring(report.errors),
      rejections(report), table.concat(report.events, ", "),
    }
  end
  local lines = aligned(rows)
  local actions = triggers.actions
  if actions.running + actions.waiting + actions.refused > 0 then
    lines[#lines + 1] = ("actions: %d running, %d waiting, %d given up"):format(
      actions.running, actions.waiting, actions.refused)
  end
  return lines
end

local MARKS = { passed = "  yes  ", failed = "  NO   ", skipped = "  –    " }

--- Every test of a trigger for an event.
---@param name string
---@param event string
---@return string[] lines
---@return boolean ok whether it could be tried at all
function M.explanation(name, event)
  local explained, code, detail = core.set:explain(name, event)
  if not explained then
    if code == "no_trigger" then return { M.no_such(name) }, false end
    return { "this is no event: " .. (detail or code) }, false
  end
  local lines = { explained.trigger .. ": " .. explained.words }
  for _, test in ipairs(explained.tests) do
    lines[#lines + 1] = MARKS[test.outcome] .. test.words
  end
  return lines, true
end

function M.no_such(name)
  local names = {}
  for _, trigger in ipairs(core.set:list()) do names[#names + 1] = trigger.name end
  local meant = #names > 0 and #names <= 256 and nightjar.nearest(name, names)
  return ('there is no trigger "%s"%s'):format(name, meant
    and ('; did you mean "%s"?'):format(meant) or "; nightjar triggers lists them")
end

--- What a trigger remembers, with the reason for each.
---@param name string
---@return string[] lines
---@return boolean ok
function M.trigger(name)
  local report = snapshot.trigger(name)
  if not report then return { M.no_such(name) }, false end
  local lines = {
    ("%s  (%s)"):format(name_of(report), report.place or "?"),
    ("  events %s; seen %d, fired %d, since %s"):format(table.concat(report.events, ", "),
      report.seen, report.matched, time_text(report.since)),
    ("  actions: %d begun, %d ended, %d failed, %d given up; %s in all, the longest %s"):format(
      report.started, report.finished, report.errors, report.refused, duration(report.action_ms),
      duration(report.longest_ms)),
    "  rejected by: " .. rejections(report),
  }
  local function add(title, kept)
    if not kept or not kept.text or kept.text == "" then return end
    lines[#lines + 1] = ""
    lines[#lines + 1] = ("%s, %s"):format(title, time_text(kept.at))
    lines[#lines + 1] = "  " .. kept.text
    for index, line in ipairs((M.explanation(name, kept.text))) do
      if index > 1 then lines[#lines + 1] = line end
    end
  end
  add("the last that fired", report.last_fired)
  for _, one in ipairs(report.last_failed) do add("the last that failed at " .. one.test, one) end
  return lines, true
end

--- The connection: worlds, silence, downtime, what was odd.
function M.connection()
  local connection = snapshot.connection()
  local lines = { ("stream %s: %s"):format(connection.url, connection.state) }
  local function add(text, ...) lines[#lines + 1] = text:format(...) end
  if connection.error and not connection.since then
    add("  last error: %s %s", connection.error.code, connection.error.message)
  end
  if connection.heartbeat_ms then
    add("  last heartbeat %s ago", duration(connection.heartbeat_ms))
  end
  add("  %d subscriptions; altered by the service %d times, asked for again %d times",
    #connection.subscriptions, connection.counts.altered, connection.counts.resubscribed)
  add("  down %d times, %s in all", connection.down.count, duration(connection.down.total_ms))
  add("  messages %d, events %d, skipped %d, dropped as duplicates %d, not JSON %d, unknown %d",
    core.counts.messages, core.counts.events, core.counts.skipped,
    core.duplicates.kept.dropped, core.counts.garbage, core.counts.unknown)
  local rows = { { "world", "state", "silent for" } }
  for _, world in ipairs(connection.worlds) do
    local parts, stale = {}, {}
    for _, one in ipairs(world.stale or {}) do stale[one.event] = true end
    for _, one in ipairs(world.events) do
      local mark = stale[one.name] and " STALE" or ""
      parts[#parts + 1] = one.name .. " " .. duration(one.ago_ms) .. mark
      stale[one.name] = nil
    end
    for event in pairs(stale) do parts[#parts + 1] = event .. " STALE" end
    local state = world.online and "online" or world.online == false and "offline" or "?"
    rows[#rows + 1] = { world.name, state, table.concat(parts, ", ") }
  end
  if #rows > 1 then
    lines[#lines + 1] = ""
    for _, line in ipairs(aligned(rows)) do lines[#lines + 1] = line end
  end
  if #connection.notes > 0 then lines[#lines + 1] = "" end
  for index = math.max(1, #connection.notes - 9), #connection.notes do
    local note = connection.notes[index]
    local fields = nightjar.json.encode(note.fields or {}, { sort = true })
    add("%s  %s %s", time_text(note.at), note.message, fields ~= "{}" and fields or "")
  end
  return lines
end

-- Before everything else: whoever looks for a trigger of such a file must not look for long.
local function add_broken(lines)
  for index, one in ipairs(snapshot.broken()) do
    table.insert(lines, index, ("NOT LOADED, its triggers are off: %s"):format(one.problem))
  end
end

--- Answers `nightjar triggers`.
---@param question {name?: string, event?: string, log?: boolean, replayed?: integer}
---@return {ok: boolean, lines: string[]}
function M.answer(question)
  question = type(question) == "table" and question or {}
  local lines, ok = {}, true
  if question.log then
    lines = M.connection()
  elseif type(question.name) == "string" then
    if type(question.event) == "string" then
      lines, ok = M.explanation(question.name, question.event)
    else
      lines, ok = M.trigger(question.name)
    end
  elseif type(question.event) == "string" then
    for _, trigger in ipairs(core.set:list()) do
      local explained, is_event = M.explanation(trigger.name or trigger.key, question.event)
      ok = ok and is_event
      lines[#lines + 1] = explained[1]
      if not is_event then break end
    end
  else
    lines = M.list()
  end
  if math.type(question.replayed) == "integer" then
    table.insert(lines, 1, ("%d lines replayed, %d events, %d skipped, %d dropped as duplicates")
      :format(question.replayed, core.counts.events, core.counts.skipped,
        core.duplicates.kept.dropped))
  end
  add_broken(lines)
  return { ok = ok, lines = nightjar.json.array(lines) }
end

nightjar.provide("ps2.triggers", M.answer)

return M
