--- The connection to the event service, and what it is subscribed to there.
--
-- It is opened with the first trigger and closed with the last. Everything that may be sent goes
-- through `sync`: it compares what the triggers want with what this connection has asked for, and
-- sends the difference. So a reload sends nothing unless a trigger has changed.
--
-- The service is known to misbehave: it alters subscriptions silently, forgets worlds, stops
-- sending. So it is asked from time to time what it takes us to be subscribed to.

local nightjar = require "nightjar"
local downtime = require "downtime"
local events = require "events"
local limits = require "limits"
local silence = require "silence"
local subscriptions = require "subscriptions"

local M = {}

---@class ps2.ConnectionOptions
---@field kept table survives reloads
---@field silence ps2.Silence
---@field stream table as `nightjar.websocket.connect` gives it
---@field now fun(): integer milliseconds
---@field wanted fun(): ps2.Wanted[] what the triggers want, in the order of registration
---@field settings ps2.Settings

---@class ps2.Stream
local Connection = {}
Connection.__index = Connection

---@param options ps2.ConnectionOptions
---@return ps2.Stream
function M.new(options)
  local kept = options.kept
  -- What this connection was asked for: texts, and what each asks for.
  kept.sent = {}
  kept.queue = {} -- texts that wait to be sent, in order
  kept.endpoints = {} -- worlds by name, as the last heartbeat has them
  kept.down = { list = {}, total_ms = 0, count = 0 }
  kept.notes = {} -- what happened to subscriptions, latest last
  kept.counts = { sent = 0, altered = 0, resubscribed = 0, opened = 0 }
  kept.outstanding = 0 -- echoes that have not come yet
  return setmetatable({
    kept = kept, stream = options.stream, now = options.now, wanted_now = options.wanted,
    settings = options.settings, silence = options.silence,
    combined = nil, -- of what was asked for; made when it is needed
  }, Connection)
end

--- A line in the log and on the page.
function Connection:note(message, fields, is_odd)
  local notes = self.kept.notes
  notes[#notes + 1] = { at = self.now(), message = message, fields = fields }
  if #notes > limits.notes then table.remove(notes, 1) end
  nightjar.log[is_odd and "warn" or "info"](message, fields)
end

--- Whether something can be sent.
function Connection:is_open() return self.kept.conn ~= nil end

local function texts_of(list)
  local texts = {}
  for _, wanted in ipairs(list) do texts[#texts + 1] = subscriptions.text(wanted) end
  return texts
end

local function push(kept, text)
  kept.queue[#kept.queue + 1] = text
end

--- Makes the connection wanted or not, and what it is subscribed to what the triggers want.
---@param keep? boolean do not close although there is no trigger any more
function Connection:sync(keep)
  local kept, list = self.kept, self.wanted_now()
  if self.settings.offline then return end
  kept.keep = #list == 0 and (keep or kept.keep) or nil
  local is_wanted = #list > 0 or kept.keep
  if not is_wanted then
    if kept.is_wanted then self:disconnect("no trigger is left") end
    kept.is_paused = nil
    return
  end
  if kept.is_paused then return end
  if not kept.is_wanted then
    kept.is_wanted = true
    self.stream:open()
  end
  if not self:is_open() then return end
  self:send_difference(list)
end

function Connection:send_difference(list)
  local kept, had, has = self.kept, {}, {}
  for _, one in ipairs(kept.sent) do had[one.text] = true end
  local sent, is_less = {}, false
  for index, text in ipairs(texts_of(list)) do
    if not has[text] then
      has[text] = true
      sent[#sent + 1] = { text = text, wanted = list[index] }
      if not had[text] then push(kept, text) end
    end
  end
  for _, one in ipairs(kept.sent) do
    if not has[one.text] then
      is_less = true
      -- What is taken back leaves its flag, and nobody says whether the service forgets it.
      local flag = subscriptions.flag(one.wanted)
      if kept.flag_left == nil then kept.flag_left = flag end
      if kept.flag_left ~= flag then kept.flag_left = "both" end
    end
  end
  local before = is_less and self:asked()
  kept.sent, self.combined = sent, nil
  -- Without any trigger that is left everything would be taken back: the connection ends instead.
  if is_less and #sent > 0 then
    for _, text in ipairs(subscriptions.clearing(before, self:asked())) do push(kept, text) end
  end
  self:flush()
end

--- What all that was asked for comes to.
---@return ps2.Combined
function Connection:asked()
  if not self.combined then
    local list = {}
    for index, one in ipairs(self.kept.sent) do list[index] = one.wanted end
    self.combined = subscriptions.combine(list)
    local left = self.kept.flag_left
    if left and left ~= self.combined.logical then self.combined.logical = nil end
  end
  return self.combined
end

--- Sends what waits, as much as one tick may send.
function Connection:flush()
  local kept = self.kept
  local done = 0
  while done < #kept.queue and done < limits.sends_per_tick and self:is_open() do
    local sent = self.stream:send(kept.queue[done + 1])
    if not sent then break end
    done = done + 1
    kept.outstanding = kept.outstanding + 1
    kept.counts.sent = kept.counts.sent + 1
  end
  if done > 0 then
    table.move(kept.queue, done + 1, #kept.queue + done, 1)
  end
end

--- Subscribes again to what the triggers want, whatever was asked before.
---@param chosen? fun(wanted: ps2.Wanted): boolean only these
function Connection:resubscribe(chosen)
  local kept = self.kept
  kept.counts.resubscribed = kept.counts.resubscribed + 1
  local waiting = {}
  for _, text in ipairs(kept.queue) do waiting[text] = true end
  for _, one in ipairs(kept.sent) do
    if not waiting[one.text] and (not chosen or chosen(one.wanted)) then push(kept, one.text) end
  end
  self:flush()
end

-- What happens on the socket -----------------------------------------------------------------

--- The socket is open: everything is asked for anew.
---@param conn integer its id
function Connection:opened(conn)
  local kept, now = self.kept, self.now()
  kept.conn, kept.endpoints, kept.probed, kept.altered = conn, {}, nil, nil
  kept.mended_at, kept.flag_left = nil, nil
  kept.opened_at, kept.heard_at, kept.verified_at, kept.subscribed_at = now, now, now, now
  kept.sent, kept.queue, kept.outstanding, self.combined = {}, {}, 0, nil
  kept.error = nil
  kept.counts.opened = kept.counts.opened + 1
  self.silence:reset()
  local ended = downtime.finish(kept.down, now)
  if ended then
    self:note("connected again", { down_s = (ended.to - ended.from) / 1000 })
  else
    self:note("connected", {})
  end
  self:sync(kept.keep)
end

--- The socket is gone.
---@param conn integer its id; that of one that was given up before is nothing new
---@param code? integer
---@param reason? string
function Connection:closed(conn, code, reason)
  local kept = self.kept
  if conn ~= kept.conn then return end
  kept.conn = nil
  kept.queue, kept.sent, kept.outstanding, self.combined = {}, {}, 0, nil
  if not kept.is_wanted then return end
  local words = reason and reason ~= "" and reason or "closed"
  if code then words = ("%s (%d)"):format(words, code) end
  downtime.begin(kept.down, words, self.now())
  self:note("the connection is lost", { reason = words }, true)
end

--- An attempt to connect came to nothing.
---@param failure {code: string, message: string, status?: integer}
---@param retry_after? number seconds
function Connection:failed(failure, retry_after)
  local kept = self.kept
  kept.error = { code = failure.code, message = failure.message, status = failure.status }
  if not kept.is_wanted then return end
  local status = failure.status and " " .. failure.status or ""
  downtime.begin(kept.down, failure.code .. status, self.now())
  self:note("no connection", {
    code = failure.code, status = failure.status, retry_in_s = retry_after,
  }, true)
end

--- Closes the connection, until a trigger wants one again.
---@param why string
---@param pause? boolean the triggers that are there do not count
function Connection:disconnect(why, pause)
  local kept = self.kept
  kept.is_paused = pause
  if not kept.is_wanted then return end
  kept.is_wanted, kept.keep, kept.conn = nil, nil, nil
  kept.queue, kept.sent, kept.outstanding, self.combined = {}, {}, 0, nil
  downtime.finish(kept.down, self.now())
  self.stream:close(1000, "")
  self:note("disconnected", { reason = why })
end

--- Ends a pause: triggers count again.
function Connection:resume()
  self.kept.is_paused = nil
end

--- After a reload. A socket that is open although nothing is known of it any more (what was kept
-- did not fit into what a reload carries) would stay as it is for ever: it is made anew.
function Connection:adopt()
  if self.kept.conn or self.settings.offline then return end
  if self.stream:status().state ~= "open" then return end
  self.kept.is_wanted = true
  self:note("what was known of the connection is lost, it is made anew", {}, true)
  self.stream:close(1000, "")
  self.stream:open()
end

--- A new socket: this one is taken for dead.
---@param why string
function Connection:restart(why)
  self.stream:close(1000, "")
  self:closed(self.kept.conn, nil, why)
  self.stream:open()
end

-- What the service says ----------------------------------------------------------------------

--- A heartbeat: these worlds, and no others, are there.
---@param worlds table<string, ps2.WorldState>
function Connection:heartbeat(worlds)
  self.kept.heard_at = self.now()
  local former = self.kept.endpoints
  for name, world in pairs(worlds) do
    local before = former[name]
    world.since = before and before.online == world.online and before.since or self.now()
  end
  self.kept.endpoints = worlds
end

--- One world came or went.
---@param world ps2.WorldState
function Connection:state(world)
  local endpoints, count = self.kept.endpoints, 0
  local before = endpoints[world.name]
  for _ in pairs(endpoints) do count = count + 1 end
  if not before and count >= limits.worlds then return end
  world.since = before and before.online == world.online and before.since or self.now()
  endpoints[world.name] = world
end

--- What the service takes us to be subscribed to. Only when every echo has come it can be compared
-- with everything that was asked.
---@param echo table
function Connection:echo(echo)
  local kept = self.kept
  kept.outstanding = math.max(0, kept.outstanding - 1)
  if kept.outstanding > 0 or #kept.queue > 0 or #kept.sent == 0 then return end
  local is_answer = kept.probed
  kept.probed, kept.unanswered = nil, 0
  local differences = subscriptions.differences(self:asked(), echo)
  kept.echoed_at = self.now()
  if #differences == 0 then
    kept.altered = nil
    return
  end
  -- At once for the first time; then with each answer to a question, so that two who disagree do
  -- not keep each other busy. Nor shall one that agrees with every other echo only.
  local words, now = table.concat(differences, "; "), self.now()
  local is_first = kept.altered == nil
    and not (kept.mended_at and now >= kept.mended_at and now - kept.mended_at < limits.mend_ms)
  kept.altered = { words = words, since = kept.altered and kept.altered.since or now }
  if not is_first and not is_answer then return end
  kept.mended_at = now
  kept.counts.altered = kept.counts.altered + 1
  self:note("the service has altered the subscription", { difference = words }, true)
  for _, text in ipairs(subscriptions.superfluous(self:asked(), echo)) do push(kept, text) end
  self:resubscribe()
end

--- An event came.
---@param world string|integer
---@param name string
function Connection:heard(world, name)
  self.silence:heard(world, name, self.now())
end

-- What is due --------------------------------------------------------------------------------

function Connection:look_for_heartbeat(now)
  local patience = self.settings.heartbeat_s
  if now - self.kept.heard_at < patience * 1000 then return end
  self:restart(("no heartbeat for %g s"):format(patience))
end

function Connection:look_at_subscription(now)
  local kept, every = self.kept, self.settings.verify_s * 1000
  if every == 0 or now - kept.verified_at < every or #kept.queue > 0 or #kept.sent == 0 then
    return
  end
  kept.verified_at = now
  -- Echoes that have not come by now do not come.
  kept.outstanding = 0
  if kept.probed then
    kept.unanswered = (kept.unanswered or 0) + 1
    self:note("the service does not say what we are subscribed to", {
      times = kept.unanswered,
    }, true)
    self:resubscribe()
  end
  kept.probed = true
  push(kept, subscriptions.PROBE)
  self:flush()
end

local function name_of(id) return events.worlds[id] or tostring(id) end

function Connection:look_for_silence(now)
  local kept = self.kept
  local watched = silence.watched(kept.sent, kept.endpoints, self.settings.silence_s)
  local due, recovered = self.silence:look(watched, kept.opened_at, now)
  for _, one in ipairs(recovered) do
    self:note("a world is heard again", {
      world = name_of(one.world), event = one.event, silent_s = one.silent_ms / 1000,
    })
  end
  for _, one in ipairs(due) do
    if one.is_new then
      self:note("a world is silent, it is subscribed anew", {
        world = name_of(one.world), event = one.event, silent_s = one.silent_ms / 1000,
      }, true)
    end
    local id = tostring(one.world)
    self:resubscribe(function(wanted)
      local has_world, has_event = #wanted.worlds == 0, false
      for _, world in ipairs(wanted.worlds) do has_world = has_world or world == id end
      for _, event in ipairs(wanted.events) do has_event = has_event or event == one.event end
      return has_world and has_event
    end)
  end
end

--- Whether triggers want the service, or the connection is to stay without them.
---@return boolean
function Connection:is_wanted() return self.kept.is_wanted or false end

--- Looks at everything that may be due. Called often.
function Connection:tick()
  local kept, now = self.kept, self.now()
  if self.settings.offline then return end
  if not self:is_open() then return end
  if #kept.queue > 0 then self:flush() end
  self:look_for_heartbeat(now)
  if not self:is_open() then return end
  -- The rest is a matter of seconds.
  if now - (kept.looked_at or 0) < 500 and now >= (kept.looked_at or 0) then return end
  kept.looked_at = now
  local every = self.settings.resubscribe_s * 1000
  if every > 0 and now - kept.subscribed_at >= every then
    kept.subscribed_at = now
    self:note("subscribed anew, as every so often", {})
    self:resubscribe()
  end
  self:look_at_subscription(now)
  self:look_for_silence(now)
end

return M
