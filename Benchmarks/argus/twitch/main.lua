--- A Twitch for measuring: logs in whoever comes, takes messages for viewers, and counts what the
-- real one would have refused. A code is the id of who logs in.

local nightjar = require "nightjar"

local M = {}

-- Messages that a channel may have at once, and bytes of one.
local BUCKET, MESSAGE_BYTES = 100, 5120

local buckets, figures = {}, { messages = 0, status_429 = 0, status_422 = 0, age_max_ms = 0 }
-- When the newest state of each channel was made that has come here, milliseconds.
local newest = {}

-- A browser that logs in is 4711 and agrees at once.
nightjar.http.get("/oauth2/authorize", function(request)
  local asked = request.query
  local location = ("%s?code=4711&scope=openid&state=%s"):format(
    asked.redirect_uri or "", asked.state or "")
  return { status = 302, headers = { location = location }, body = "" }
end)

nightjar.http.post("/oauth2/token", function(request)
  local code = request.body:match "code=(%w+)" or "app"
  return { json = { access_token = code, expires_in = 100000 } }
end)

nightjar.http.get("/oauth2/userinfo", function(request)
  return { json = { sub = (request:header "authorization" or ""):match "Bearer (%w+)" } }
end)

nightjar.http.get("/helix/users", function(request)
  local id = request.query.id
  return { json = { data = { { id = id, display_name = "Name" .. id } } } }
end)

local function take(channel)
  local now = nightjar.now()
  local bucket = buckets[channel] or { tokens = BUCKET, at = now }
  bucket.tokens = math.min(BUCKET, bucket.tokens + (now - bucket.at) / 1000)
  bucket.at = now
  buckets[channel] = bucket
  if bucket.tokens < 1 then return nil end
  bucket.tokens = bucket.tokens - 1
  return math.floor(bucket.tokens)
end

nightjar.http.post("/helix/extensions/pubsub", function(request)
  local body = nightjar.json.decode(request.body)
  if #body.message > MESSAGE_BYTES then
    figures.status_422 = figures.status_422 + 1
    return { status = 422, body = "" }
  end
  local left = take(body.broadcaster_id)
  if not left then
    figures.status_429 = figures.status_429 + 1
    return { status = 429, body = "" }
  end
  figures.messages = figures.messages + 1
  -- The load says in the first element when a state was made, in microseconds.
  local made = tonumber(body.message:match '"name":"Fire","value":"(%d+)"')
  if made then
    newest[body.broadcaster_id] = made // 1000
    figures.age_max_ms = math.max(figures.age_max_ms, nightjar.now() - made // 1000)
  end
  return { status = 204, headers = { ["ratelimit-remaining"] = tostring(left) }, body = "" }
end, { max_body = 65536 })

nightjar.http.get("/figures", function() return { json = figures } end)

-- When the newest state of each channel was made, by channel.
nightjar.http.get("/newest", function() return { json = newest } end)

return M
