--- The parts of the package, each made once and given to the others.

local nightjar = require "nightjar"
local broadcast = require "broadcast"
local classify = require "classify"
local guesses = require "guesses"
local history = require "history"
local in_use = require "in_use"
local intake = require "intake"
local kept = require "lib.kept"
local limits = require "limits"
local login = require "login"
local maps = require "maps"
local output = require "output"
local payload = require "payload"
local people = require "people"
local runs = require "runs"
local saved = require "saved"
local settings = require "settings"
local twitch = require "twitch"
local unknown = require "unknown"
local views = require "views"

local M = { settings = settings }

local auth = nightjar.auth
local REDIRECT = settings.public_url .. "/oauth_token"

local counters = {}
local tries = guesses.new(nightjar.log.warn)

--- Counts one of the package's figures (`/metrics` of the listener `ops`).
---@param name string
---@param amount? integer
function M.counted(name, amount)
  local counter = counters[name]
  if not counter then
    counter = nightjar.metrics.counter("argus." .. name)
    counters[name] = counter
  end
  counter:add(amount or 1)
  tries:counted(name, amount or 1)
end

local flow = auth.oauth("twitch", {
  client_id = settings.client_id, client_secret = "client", redirect_uri = REDIRECT,
  token_url = settings.auth_url .. "/oauth2/token",
  userinfo_url = settings.auth_url .. "/oauth2/userinfo", timeout = limits.twitch_seconds,
  -- Twitch's name for itself, and that of what stands for it in tests.
  issuers = { "https://id.twitch.tv/oauth2", settings.auth_url .. "/oauth2" },
})

M.tokens = auth.tokens("tokens", { bytes = 8 })

M.twitch = twitch.new {
  client_id = settings.client_id, owner_id = settings.owner_id, api_url = settings.api_url,
  fetch = nightjar.http.fetch, now = nightjar.now,
  encode = nightjar.json.encode, decode = nightjar.json.decode,
  app_token = function(options) return flow:app_token(options) end,
  sign = function(claims)
    return auth.sign_jwt(claims, { secret = "extension", encoding = "base64", algorithm = "HS256" })
  end,
}

M.people = people.new {
  tokens = M.tokens, now = nightjar.now, spawn = nightjar.spawn, is_offline = settings.offline,
  name_of = function(channel) return M.twitch:name_of(channel) end,
}

M.login = login.new {
  flow = flow, people = M.people, counted = M.counted, kept = kept "logins", now = nightjar.now,
  pending = auth.pending("logins", {
    lifetime = limits.pending_seconds, limit = limits.pending_logins,
  }),
}

M.runs = runs.new {
  kept = kept "runs", now = nightjar.now, make = output.make,
  forgotten = function(channel) M.saved:changed(channel) end,
}
M.history = history.new(kept "history")
M.saved = saved.new {
  kept = kept "saved", runs = M.runs, store = nightjar.store, now = nightjar.now,
  is_known = function(channel) return M.people:is_known(channel) end, warn = nightjar.log.warn,
}

M.views = views.new {
  kept = kept "views", history = M.history, runs = M.runs, now = nightjar.now,
  parts = output.parts, room = nightjar.room,
}

M.broadcast = broadcast.new {
  kept = kept "broadcast", now = nightjar.now, parts = output.parts, counted = M.counted,
  output = function(channel) return (M.runs:output(channel)) end,
  send = function(channel, part) return M.twitch:broadcast(channel, part) end,
  spawn = nightjar.spawn, is_stale = kept.is_stale, warn = nightjar.log.warn,
  wake = function() M.wake() end,
}
if settings.offline then M.broadcast:switch_off "offline" end

--- Traits that no list knows, with counts and an example each.
M.unknown = kept("unknown", unknown.new())

local function note(traits)
  for _, trait in ipairs(traits) do unknown.note(M.unknown, trait, nightjar.now()) end
end

--- Takes out of these what the lists or the mapping know by now.
function M.forget_known()
  unknown.forget(M.unknown, function(trait)
    return classify.has_place(trait, in_use.lists, maps.mapping)
  end)
end

--- A channel has a new state: everybody who wants it gets it.
---@param channel string
---@param strings table<string, string>
function M.take(channel, strings)
  local run = M.runs:put(channel, strings)
  M.saved:changed(channel)
  M.history:add(channel, run)
  M.views:changed(channel)
  M.broadcast:changed(channel)
end

-- The same from a request. One that has waited for the store may end in a version of the scripts
-- that is none any more; then the new one takes the state.
local function take_from_request(channel, strings)
  if kept.is_stale() then
    nightjar.call("argus.take", channel, strings)
  else
    M.take(channel, strings)
  end
end

nightjar.provide("argus.take", function(channel, strings) M.take(channel, strings) end)

M.intake = intake.new {
  people = M.people, take = take_from_request, counted = M.counted,
  strings = {
    read = function(_, body)
      local read, code, message, rest = payload.read(body, in_use.lists, maps.mapping)
      note((read or rest or { unknown = {} }).unknown)
      return read and read.strings, code, message
    end,
  },
  -- The recorder listens here.
  tap = function(channel, text, object)
    if M.tap then M.tap(channel, text, object) end
  end,
}

--- Whether somebody may see the overlays of a channel.
---@param channel any
---@param key any
---@param delay? integer seconds; nil: an odd one
---@return boolean
function M.may_view(channel, key, delay)
  if settings.overlays == "open" then return M.people:is_known(channel) end
  return M.people:opens(channel, key, delay or 0)
end

--- Closes the overlays of a channel: their key is no longer good.
---@param channel string
function M.close_overlays(channel)
  nightjar.spawn(function()
    for _, group in pairs(M.views:groups_of(channel)) do
      for _, id in ipairs(nightjar.room(group):members()) do
        local conn = nightjar.websocket.connection(id)
        if conn then conn:close(4401, "the key has changed") end
      end
    end
  end)
end

--- Somebody's token was erased: nothing of the channel is shown any more.
---@param channel string
function M.forget(channel)
  M.runs:forget(channel)
  M.close_overlays(channel)
end

-- Of the store: the channels whose newest state has not gone to Twitch yet.
local WAITING = "waiting"

--- Before a stop: what the next start needs. May wait.
---@async
function M.save()
  M.saved:write()
  local waiting = M.broadcast:waiting()
  if #waiting == 0 then return end
  local lifetime = { ttl = limits.run_ms / 1000 }
  local stored, code = nightjar.store.set(WAITING, waiting, lifetime)
  if not stored then
    nightjar.log.warn("what waits for Twitch could not be stored", { code = code })
  end
end

--- After a start: the states from before it, for those who look already, and for Twitch those that
-- it did not get. May wait.
---@async
function M.recall()
  local waits = {}
  for _, channel in ipairs(nightjar.store.get(WAITING) or {}) do waits[channel] = true end
  for _, channel in ipairs(M.saved:load()) do
    M.views:changed(channel)
    if waits[channel] then M.broadcast:changed(channel) end
  end
  -- When somebody has saved a script meanwhile, the new version does all this again.
  if next(waits) and not kept.is_stale() then nightjar.store.delete(WAITING) end
end

nightjar.provide("argus.recall", function() M.recall() end)

--- Forgets what is over. Once a minute.
function M.sweep()
  M.runs:sweep()
  M.views:sweep()
  M.broadcast:sweep()
  tries:tell()
end

--- Something waits that is due soon. The package's timer has its place here.
function M.wake() end

--- Hears of every payload; nil: nobody records.
---@type fun(channel?: string, text: string, object?: table)?
M.tap = nil

return M
