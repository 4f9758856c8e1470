--- The page at /gateway/: who is connected, which shards are taken, what waits in queues, how much
-- goes through. It reads /gateway/stats; nothing on it is secret by itself.

local nightjar = require "nightjar"

-- The browser runs only our own files and talks to nobody else.
local HEADERS = {
  ["content-type"] = "text/html; charset=utf-8",
  ["content-security-policy"] = "default-src 'none'; script-src 'self'; style-src 'self'; "
    .. "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    .. "frame-ancestors 'none'",
  ["x-content-type-options"] = "nosniff",
  ["referrer-policy"] = "no-referrer",
  ["cache-control"] = "no-cache",
}

local page = nightjar.data("public/index.html")

nightjar.http.get("/gateway/", function()
  return { status = 200, headers = HEADERS, body = page }
end)
nightjar.http.static("/gateway/page", "public")

-- The start of the server prints the listener's address without a path.
nightjar.http.get("/", function()
  return { status = 302, headers = { location = "/gateway/" }, body = "" }
end)
