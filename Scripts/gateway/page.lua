--- The page at /gateway/: who is connected, which shards are taken, what waits in queues, how much
-- goes through. It reads /gateway/stats; nothing on it is secret by itself.

local nightjar = require "nightjar"
local headers = require "lib.headers"

local HEADERS = headers.of_page()
local page = nightjar.data("public/index.html")

nightjar.http.get("/gateway/", function()
  return { status = 200, headers = HEADERS, body = page }
end)
nightjar.http.static("/gateway/page", "public")
nightjar.http.static("/gateway/lib", "pages", { shared = true })

-- The start of the server prints the listener's address without a path.
nightjar.http.get("/", function()
  return { status = 302, headers = { location = "/gateway/" }, body = "" }
end)
