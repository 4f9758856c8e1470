--- The page at /triggers/: triggers with their counters and kept events, recent events, events that
-- are pinned and tried against the scripts as they are now, the connection and the worlds.

local nightjar = require "nightjar"
local core = require "core"
local gate = require "gate"
local headers = require "lib.headers"
local limits = require "limits"
local snapshot = require "snapshot"
require "lines"

local HEADERS = headers.of_page()
local page = nightjar.data("public/index.html")

nightjar.http.get("/triggers/", function()
  return { status = 200, headers = HEADERS, body = page }
end)
nightjar.http.static("/triggers/page", "public")
nightjar.http.static("/triggers/lib", "pages", { shared = true })

-- The start of the server prints the listener's address without a path.
nightjar.http.get("/", function()
  return { status = 302, headers = { location = "/triggers/" }, body = "" }
end)

nightjar.http.get("/triggers/state", gate:guarded(function(request)
  local query = request.query
  local function number(name) return math.tointeger(tonumber(query[name])) end
  local json = snapshot.all {
    after = number "after", from = number "from", find = query.find, trigger = query.trigger,
  }
  return { status = 200, json = json }
end))

local function problem(status, code, message)
  return { status = status, json = { error = { code = code, message = message } } }
end

local function body_of(request)
  local body = nightjar.json.decode(request.body)
  return type(body) == "table" and body or {}
end

-- An event by its number, or as text.
local function text_of(body)
  if type(body.event) == "string" and #body.event <= limits.shown_bytes then return body.event end
  local seq = math.tointeger(body.seq)
  return seq and core.recent:find(seq)
end

--- An event against one trigger or all, as they are now. Nothing is counted, no action runs.
nightjar.http.post("/triggers/explain", gate:guarded(function(request)
  local body = body_of(request)
  local text = text_of(body)
  if not text then
    return problem(404, "no_event", "This event is no longer remembered. Pin events to keep them.")
  end
  local trigger = type(body.trigger) == "string" and snapshot.find(body.trigger) or nil
  local explained, code, detail
  if trigger or body.trigger == nil then explained, code, detail = core.set:try(trigger, text) end
  if code then return problem(400, code, detail or "This is no event.") end
  return { status = 200, json = snapshot.tried(explained or {}) }
end))

nightjar.http.post("/triggers/pin", gate:guarded(function(request)
  local text = text_of(body_of(request))
  if not text then return problem(404, "no_event", "This event is no longer remembered.") end
  local event, code, detail = core.set:read(text, true)
  if not event then return problem(400, code, "This is no event: " .. (detail or code)) end
  -- A bare payload is pinned as the stream would send it.
  local id = core.recent:pin(event.raw, nightjar.now())
  if not id then
    local words = ("%d events are pinned, or they are too long together; take some down.")
      :format(#core.recent.pinned.list)
    return problem(409, "full", words)
  end
  return { status = 200, json = { id = id } }
end))

nightjar.http.post("/triggers/unpin", gate:guarded(function(request)
  local id = math.tointeger(body_of(request).id)
  return { status = 200, json = { removed = id ~= nil and core.recent:unpin(id) } }
end))
