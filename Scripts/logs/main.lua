--- Live logs: clients post entries, listeners get them in small batches, together with the
-- server's own lines. Nothing is stored; who does not listen misses it.

local nightjar = require "nightjar"
local audience = require "audience"
local batches = require "batches"
local entries = require "entries"
local headers = require "lib.headers"
local lines = require "lines"
local sequence = require "sequence"

---@type nightjar.Package
local M = {}

-- Beside the party relay, whose clients post here. One worker, so that there is one order.
M.listener = "sync"
M.workers = "one"
-- The worst body there can be takes 15 ms in a debug build.
M.limits = { slice_ms = 50 }

-- What the original server's body parser calls "100 kB".
local BODY_BYTES_MAX = 102400

-- Clients use 10 characters. Names of the host's rooms have 200 bytes.
local ROOM_BYTES_MAX = 100

local PAGE_HEADERS = headers.of_page()

-- Host rooms: `all` are the listeners without a room, `in:NAME` those with one, `everyone` both;
-- `own` are those of them who may see the server's own lines, `others` those who may not.
local batch = batches.new {
  send = function(room, frame, who)
    if room == "" then return nightjar.room(who or "everyone"):send(frame) end
    nightjar.room("all"):send(frame)
    if #room <= ROOM_BYTES_MAX then nightjar.room("in:" .. room):send(frame) end
  end,
  -- A coroutine rather than a timer: it ends in the generation it began in, so that a reload
  -- loses no batch.
  later = function(seconds, action)
    nightjar.spawn(function()
      action(function() nightjar.sleep(seconds) end)
    end)
  end,
}

-- Gives entries their numbers and puts them into the batch.
local function take(list)
  local first, last = sequence.take(nightjar.state.get("last", 0), nightjar.now(), #list)
  nightjar.state.set("last", last)
  for index, entry in ipairs(list) do
    entry.text = entries.numbered(entry, first + index - 1)
  end
  batch:add(list)
end

local function refusal(status, code, message)
  return { status = status, json = { error = { code = code, message = message } } }
end

-- What browsers let any page send without asking the server is not taken for JSON from them.
local function is_json(request)
  local kind = (request:header("content-type") or ""):lower():match("^%s*([^;%s]*)")
  return kind == "application/json" or kind:find("^application/.*%+json$") ~= nil
end

nightjar.http.post("/logs/add", function(request)
  local is_page = request:header("origin") or request:header("sec-fetch-site")
  if is_page and not is_json(request) then
    return refusal(415, "json_expected", "pages have to send application/json")
  end
  local list, code, message = entries.read(request.body, nightjar.now())
  if not list then return refusal(code == "too_many" and 413 or 400, code, message) end
  take(list)
  return { status = 200, body = "" }
end, { max_body = BODY_BYTES_MAX, cors = true })

-- Everybody may see what programs post, also pages of other sites; the server's own lines are for
-- those whom `audience` lets. Listeners have no time-out. A dead one is noticed by the host's
-- pings: one after 30 quiet seconds, and 20 seconds for the answer. What listeners say is ignored:
-- there is no `message`.
nightjar.websocket.endpoint("/logs/listen", {
  origins = "*",
  open = function(conn, request)
    local room = entries.wanted_room(request.query)
    if room and #room > ROOM_BYTES_MAX then return conn:close(1008, "room name too long") end
    local may_see_own, problem = audience.of(request)
    if problem then return conn:close(1008, problem) end
    nightjar.room("everyone"):join(conn)
    nightjar.room(may_see_own and "own" or "others"):join(conn)
    nightjar.room(room and "in:" .. room or "all"):join(conn)
  end,
})

nightjar.log.listen(function(list)
  local own = {}
  for index, line in ipairs(list) do own[index] = lines.entry(line) end
  take(own)
end)

local page = nightjar.data("public/logs.html")
nightjar.http.get("/logs.html", function()
  return { status = 200, headers = PAGE_HEADERS, body = page }
end)
nightjar.http.static("/logs/static", "public/static")

return M
