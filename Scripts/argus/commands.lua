--- What the command line asks for: `nightjar argus tokens`, `mappings`, `parse` and `unknown`.
-- Answers are lines for a terminal.

local nightjar = require "nightjar"
local core = require "core"
local in_use = require "in_use"
local maps = require "maps"
local output = require "output"
local payload = require "payload"
local recorder = require "recorder"
local unknown = require "unknown"

local M = {}

local function pad(text, width)
  return text .. (" "):rep(width - (utf8.len(text) or #text))
end

-- Rows of texts as columns.
local function aligned(rows)
  local widths, lines = {}, {}
  for _, row in ipairs(rows) do
    for index, text in ipairs(row) do
      widths[index] = math.max(widths[index] or 0, utf8.len(text) or #text)
    end
  end
  for number, row in ipairs(rows) do
    local cells = {}
    for index, text in ipairs(row) do cells[index] = pad(text, widths[index]) end
    lines[number] = (table.concat(cells, "  "):gsub(" +$", ""))
  end
  return lines
end

local function time_text(seconds)
  return os.date("!%Y-%m-%d %H:%M", math.floor(seconds)) .. " UTC"
end

local function failed(line) return { ok = false, lines = { line } } end

--- Everybody who has a token. The tokens themselves are stored nowhere.
---@return table answer
function M.tokens()
  local list, code = core.tokens:list()
  if not list then return failed("the tokens cannot be read: " .. tostring(code)) end
  if #list == 0 then return { ok = true, lines = { "nobody has logged in yet" } } end
  table.sort(list, function(a, b) return a.subject < b.subject end)
  local rows = { { "channel", "name", "token", "issued" } }
  for _, one in ipairs(list) do
    local name = type(one.data) == "table" and one.data.name or "–"
    rows[#rows + 1] = {
      one.subject, name, "#" .. tostring(one.hint), time_text(one.issued),
    }
  end
  return { ok = true, lines = aligned(rows) }
end

--- Erases one token, or all, and the logins that have begun. What is open with it is closed.
---@param question {id?: string, all?: boolean}
---@return table answer
function M.erase(question)
  -- Logins first: a client that asks while the store writes would get a token that stays.
  if question.all then
    core.login:forget_all()
    local channels = {}
    for _, one in ipairs(core.tokens:list() or {}) do channels[#channels + 1] = one.subject end
    local count, code = core.tokens:erase_all()
    if not count then return failed("the tokens cannot be erased: " .. tostring(code)) end
    for _, channel in ipairs(channels) do core.forget(channel) end
    return { ok = true, lines = { ("%d erased"):format(count) } }
  end
  local id = tostring(question.id or "")
  core.login:forget(id)
  local erased, code = core.tokens:erase(id)
  if erased then
    core.forget(id)
    return { ok = true, lines = { "erased the token of channel " .. id } }
  end
  if code then return failed("the token cannot be erased: " .. code) end
  return failed(('no token belongs to channel "%s"; `nightjar argus tokens` lists them'):format(id))
end

--- Checks a file that is to become the mapping.
---@param question {text: string}
---@return table answer
function M.mapping_check(question)
  local read, problem = maps.check(question.text)
  if read then return { ok = true, lines = { maps.counts(read) } } end
  local lines = {}
  for line in problem:gmatch("[^\n]+") do lines[#lines + 1] = line end
  return { ok = false, lines = lines }
end

local function unknown_line(trait)
  return "no list knows " .. tostring(trait.Name)
    .. (trait.Slot and (" (Slot %s)"):format(tostring(trait.Slot)) or "")
end

-- What was odd about a payload, in lines.
local function odd(read)
  local lines = {}
  for _, warning in ipairs(read and read.warnings or {}) do lines[#lines + 1] = warning end
  for _, trait in ipairs(read and read.unknown or {}) do lines[#lines + 1] = unknown_line(trait) end
  return lines
end

--- What a payload comes to. Nothing is sent anywhere.
---@param question {text: string}
---@return table answer
function M.parse(question)
  local text = question.text
  local read, _, message, rest
  if recorder.is_line(text) then
    read, _, message, rest = recorder.payload(text, in_use.lists, maps.mapping)
  else
    read, _, message, rest = payload.read_any(text, in_use.lists, maps.mapping)
  end
  if not read then
    local lines = odd(rest)
    table.insert(lines, 1, message or "nothing to show")
    return { ok = false, lines = lines, warnings = nightjar.json.array(odd(rest)) }
  end
  local json, warnings = output.json(read.strings)
  local all = odd(read)
  table.move(warnings, 1, #warnings, #all + 1, all)
  local array = nightjar.json.array
  return { ok = true, output = json, warnings = array(all), lines = array {} }
end

--- Traits that no list knows.
---@return table answer
function M.unknown()
  local list = unknown.list(core.unknown)
  if #list == 0 then
    return { ok = true, lines = { "no unknown trait has come since the server was started" } }
  end
  local rows = { { "trait", "seen", "first", "last", "example" } }
  for _, one in ipairs(list) do
    rows[#rows + 1] = {
      one.name, tostring(one.count), time_text(one.first / 1000), time_text(one.last / 1000),
      nightjar.json.encode(one.example, { sort = true }) or "–",
    }
  end
  return { ok = true, lines = aligned(rows) }
end

for _, name in ipairs { "tokens", "erase", "mapping_check", "parse", "unknown" } do
  nightjar.provide("argus." .. name, function(question) return M[name](question or {}) end)
end

return M
