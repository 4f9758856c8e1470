--- What a set knows, in lines for a terminal: what `nightjar triggers` prints.

local nearest = require "lib.nearest"
local nightjar = require "nightjar"

local M = {}

-- Names that a misspelt one is compared with.
local NAMES_MAX = 256

--- What a package adds to the lines of its set.
---@class (exact) triggers.LinesOptions
---@field empty? string[] said instead of a table without rows
---@field log? fun(): string[] for `--log`; without it there is nothing to show
---@field before? fun(question: table): string[] lines that stand before all others

local function pad(text, width, right)
  local missing = width - (utf8.len(text) or #text)
  if missing <= 0 then return text end
  return right and (" "):rep(missing) .. text or text .. (" "):rep(missing)
end

--- Rows of texts as columns; numbers stand on the right.
---@param rows string[][]
---@return string[]
function M.aligned(rows)
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

---@param ms number
---@return string
function M.duration(ms)
  local seconds = ms / 1000
  if seconds < 10 then return ("%.1f s"):format(seconds) end
  if seconds < 120 then return ("%d s"):format(seconds // 1) end
  if seconds < 7200 then return ("%d min"):format(seconds // 60) end
  return ("%d h"):format(seconds // 3600)
end

---@param ms integer since 1970
---@return string
function M.time_text(ms) return os.date("!%Y-%m-%d %H:%M:%S", ms // 1000) .. " UTC" end

local function rejections(report)
  local parts = {}
  for _, one in ipairs(report.rejected) do
    if one.count > 0 then parts[#parts + 1] = ("%s %d"):format(one.test, one.count) end
  end
  return #parts > 0 and table.concat(parts, ", ") or "–"
end

local function name_of(report) return report.name or report.key end

--- All triggers as a table.
---@param set triggers.Set
---@param empty? string[]
---@return string[]
function M.list(set, empty)
  local report = set:report()
  if #report.triggers == 0 then
    return table.move(empty or { "no trigger is on" }, 1, empty and #empty or 1, 1, {})
  end
  local rows = { { "trigger", "seen", "fired", "errors", "rejected by", "events" } }
  for _, one in ipairs(report.triggers) do
    rows[#rows + 1] = {
      name_of(one), tostring(one.seen), tostring(one.matched), tostring(one.errors + one.raised),
      rejections(one), table.concat(one.events, ", "),
    }
  end
  local lines = M.aligned(rows)
  local actions = report.actions
  if actions.running + actions.waiting + actions.refused > 0 then
    lines[#lines + 1] = ("actions: %d running, %d waiting, %d given up"):format(
      actions.running, actions.waiting, actions.refused)
  end
  if report.lost > 0 then
    lines[#lines + 1] = ("events lost because a condition took too long: %d"):format(report.lost)
  end
  return lines
end

local function no_such(set, name)
  local names = {}
  for _, trigger in ipairs(set:list()) do names[#names + 1] = trigger.name end
  local meant = #names <= NAMES_MAX and nearest.find(name, names)
  return ('there is no trigger "%s"%s'):format(name, meant
    and ('; did you mean "%s"?'):format(meant) or "; nightjar triggers lists them")
end

local MARKS = { passed = "  yes  ", failed = "  NO   ", skipped = "  –    " }

--- Every test of a trigger for an event. Waits.
---@async
---@param set triggers.Set
---@param trigger string|triggers.Trigger
---@param event string
---@return string[] lines
---@return boolean ok whether it could be tried at all
function M.explanation(set, trigger, event)
  local tried, code, detail = set:try(trigger, event)
  if not tried then
    if code == "no_trigger" then return { no_such(set, trigger) }, false end
    return { "this is no event: " .. (detail or code) }, false
  end
  local explained = tried[1]
  local lines = { explained.trigger .. ": " .. explained.words }
  for _, test in ipairs(explained.tests) do
    lines[#lines + 1] = MARKS[test.outcome] .. test.words
  end
  return lines, true
end

--- What a trigger remembers, with the reason for each.
---@param set triggers.Set
---@param name string
---@return string[] lines
---@return boolean ok
function M.trigger(set, name)
  local report = set:report(name)
  if not report then return { no_such(set, name) }, false end
  local lines = {
    ("%s  (%s)"):format(name_of(report), report.place or "?"),
    ("  events %s; seen %d, fired %d, since %s"):format(table.concat(report.events, ", "),
      report.seen, report.matched, M.time_text(report.since)),
    ("  actions: %d begun, %d ended, %d failed, %d given up; %s in all, the longest %s"):format(
      report.started, report.finished, report.errors, report.refused,
      M.duration(report.action_ms), M.duration(report.longest_ms)),
    "  rejected by: " .. rejections(report),
  }
  if report.raised > 0 then
    lines[#lines + 1] = ("  conditions: %d raised an error, %d took too long"):format(
      report.raised - report.overran, report.overran)
  end
  if report.cut_off then
    lines[#lines + 1] = ("  condition %d is NOT ASKED until %s: it took too long %d times in a row")
      :format(report.cut_off.condition, M.time_text(report.cut_off.till), report.cut_off.times)
  end
  if report.unasked > 0 then
    lines[#lines + 1] = ("  for %d events a condition was not asked, which counts as no"):format(
      report.unasked)
  end
  if report.condition_us then
    lines[#lines + 1] = ("  time spent on conditions: %.1f µs an event, measured for one in %d")
      :format(report.condition_us, set.time_every)
  end
  local function add(title, kept)
    if not kept or not kept.text or kept.text == "" then return end
    lines[#lines + 1] = ""
    lines[#lines + 1] = ("%s, %s"):format(title, M.time_text(kept.at))
    lines[#lines + 1] = "  " .. kept.text
    for index, line in ipairs((M.explanation(set, name, kept.text))) do
      if index > 1 then lines[#lines + 1] = line end
    end
  end
  add("the last that fired", report.last_fired)
  for _, one in ipairs(report.last_failed) do add("the last that failed at " .. one.test, one) end
  return lines, true
end

-- The first line of every trigger for an event.
local function outcomes(set, event)
  local tried, code, detail = set:try(nil, event)
  if not tried then return { "this is no event: " .. (detail or code) }, false end
  local lines = {}
  for index, explained in ipairs(tried) do
    lines[index] = explained.trigger .. ": " .. explained.words
  end
  return lines, true
end

--- Answers `nightjar triggers`.
---@param set triggers.Set
---@param question {name?: string, event?: string, log?: boolean}
---@param options? triggers.LinesOptions
---@return {ok: boolean, lines: string[]}
function M.answer(set, question, options)
  question, options = type(question) == "table" and question or {}, options or {}
  local lines, ok
  if question.log and options.log then
    lines, ok = options.log(), true
  elseif question.log then
    lines, ok = { "these triggers have no connection to show" }, false
  elseif type(question.name) == "string" then
    if type(question.event) == "string" then
      lines, ok = M.explanation(set, question.name, question.event)
    else
      lines, ok = M.trigger(set, question.name)
    end
  elseif type(question.event) == "string" then
    lines, ok = outcomes(set, question.event)
  else
    lines, ok = M.list(set, options.empty), true
  end
  local all = options.before and options.before(question) or {}
  table.move(lines, 1, #lines, #all + 1, all)
  return { ok = ok, lines = nightjar.json.array(all) }
end

return M
