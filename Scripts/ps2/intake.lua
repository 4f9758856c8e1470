--- What the stream sends, on its way to the triggers. Nothing that comes in stops anything: what is
-- no event and no message we know is counted, and told in the log a few times a minute.

local nightjar = require "nightjar"
local core = require "core"
local messages = require "messages"
local limits = require "limits"
local reports = require "lib.triggers.reports"
local texts = require "lib.texts"

local M = {}

local find, cut = string.find, string.sub
local set, recent, counts, now = core.set, core.recent, core.counts, core.now
local connection, repeated = core.connection, core.duplicates
local drop_duplicates = core.settings.drop_duplicates

local odd = reports.new(nightjar.log.warn, now)

--- Hears of every text before anything is done with it; nil: nobody records.
---@type fun(text: string)?
M.tap = nil

local function shown(text)
  if #text <= limits.glimpse_bytes then return text end
  return texts.cut(text, limits.glimpse_bytes) .. " …"
end

local function not_an_event(text)
  local kind, value = messages.read(text)
  if kind == "heartbeat" then return connection:heartbeat(value) end
  if kind == "state" then return connection:state(value) end
  if kind == "echo" then return connection:echo(value) end
  if kind == "greeting" or kind == "recent" then return end
  if kind == "garbage" then
    counts.garbage = counts.garbage + 1
    reports.warn(odd, "the stream sent text that is not JSON", {
      text = shown(text), problem = tostring(value),
    })
    return
  end
  counts.unknown = counts.unknown + 1
  reports.warn(odd, "the stream sent a message nobody knows", { text = shown(text) })
end

-- What the service itself has around an event.
local HEAD, TAIL = '{"payload":{', '},"service":"event","type":"serviceMessage"}'

-- An event without what is around it, whose members may come in any order. It ends with the first
-- brace; where that is none of ours (in a text, or of a table inside), no member or end follows, or
-- another brace was opened before. What looks otherwise is the whole text. Plain searches: this is
-- on the way of every event.
local function payload_of(text)
  if find(text, TAIL, -#TAIL, true) and find(text, HEAD, 1, true) == 1 then
    return cut(text, #HEAD, -#TAIL)
  end
  local _, from = find(text, '"payload":{', 1, true)
  if not from then _, from = find(text, '"payload"%s*:%s*{') end
  local to = from and find(text, "}", from, true)
  local inner = to and find(text, "{", from + 1, true)
  if not to or (inner and inner < to) then return text end
  if not find(text, '^%s*,%s*"[%w_]+"%s*:', to + 1) and not find(text, "^%s*}%s*$", to + 1) then
    return text
  end
  -- The same in a message of another kind is no event.
  if not find(text, 'serviceMessage"', to, true) and not find(text, 'serviceMessage"', 1, true) then
    return text
  end
  return cut(text, from, to)
end

-- An event was read: the world it is from is heard.
local function count(event)
  counts.events = counts.events + 1
  local world = event.world_id
  -- Of an event nobody declared it is the text that came.
  if type(world) == "string" then world = math.tointeger(tonumber(world)) end
  if world then connection:heard(world, event.event_name) end
end

--- An event came, and a condition took too long: who took it was ended there.
---@param event table
---@param lost triggers.Lost
function core.event_lost(event, lost)
  count(event)
  local where = lost.trigger and ('condition %d of "%s"'):format(lost.condition, lost.trigger)
    or "a condition"
  recent:add(event.raw or "", now(), 0, where .. " took too long")
end

--- Takes a message.
---@param text string
---@param binary? boolean
---@return integer fired how many triggers fired
function M.take(text, binary)
  counts.messages = counts.messages + 1
  -- What was ended with the message before is known now, not only when a second is over.
  if set.depth > 0 then set:notice() end
  if binary then
    counts.binary = counts.binary + 1
    reports.warn(odd, "the stream sent a binary message", { bytes = #text })
    return 0
  end
  local tap = M.tap
  if tap then tap(text) end
  -- By the text, so that other messages are not read twice.
  if not find(text, '"event_name"', 1, true) then
    not_an_event(text)
    return 0
  end
  if drop_duplicates and not find(text, '"event_name":"GainExperience"', 1, true)
    and repeated:is_repeated(payload_of(text), now())
    -- Another sender may put blanks between its members. Looked for only here: a pattern is slower.
    and not find(text, '"event_name"%s*:%s*"GainExperience"') then
    repeated:drop()
    recent:add(text, now(), 0, "it came before, within two seconds")
    return 0
  end
  local event, fired, detail = set:dispatch(text)
  if event then
    count(event)
    counts.fired = counts.fired + fired
    recent:add(text, now(), fired)
    return fired
  end
  if fired == "invalid_event" then
    counts.skipped = counts.skipped + 1
    recent:add(text, now(), 0, detail)
  else
    not_an_event(text)
  end
  return 0
end

return M
