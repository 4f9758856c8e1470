--- The pages: overlay, configurator, dashboard, and those that a browser sees after a login. What
-- is in them is below `public`.

local nightjar = require "nightjar"

local M = {}

-- A browser runs only our own files and talks to nobody else.
local function policy(changes)
  local rules = {
    { "default-src", "'none'" }, { "script-src", "'self'" }, { "style-src", "'self'" },
    { "img-src", "'self'" }, { "connect-src", "'self'" }, { "base-uri", "'none'" },
    { "form-action", "'none'" }, { "frame-ancestors", "'none'" },
  }
  local parts = {}
  for index, rule in ipairs(rules) do
    parts[index] = rule[1] .. " " .. (changes[rule[1]] or rule[2])
  end
  if changes["frame-src"] then parts[#parts + 1] = "frame-src " .. changes["frame-src"] end
  return table.concat(parts, "; ")
end

local function headers(changes)
  return {
    ["content-type"] = "text/html; charset=utf-8",
    ["content-security-policy"] = policy(changes or {}),
    ["x-content-type-options"] = "nosniff",
    -- The address of an overlay has a key in it.
    ["referrer-policy"] = "no-referrer",
    ["cache-control"] = "no-cache",
  }
end

local function page(path, file, changes)
  local body, fields = nightjar.data("public/" .. file), headers(changes)
  nightjar.http.get(path, function()
    return { status = 200, headers = fields, body = body }
  end, { cors = true })
end

local TYPES = {
  css = "text/css; charset=utf-8", png = "image/png", svg = "image/svg+xml",
}

-- A file that the pages after a login need at a path of its own.
local function file_at(path, file)
  local body = nightjar.data("public/" .. file)
  local fields = {
    ["content-type"] = TYPES[file:match("%.(%w+)$")], ["cache-control"] = "no-cache",
    ["x-content-type-options"] = "nosniff",
  }
  nightjar.http.get(path, function()
    return { status = 200, headers = fields, body = body }
  end, { cors = true })
end

--- Declares all of them.
function M.declare()
  -- The configurator shows the overlay in a frame.
  page("/argus/overlay", "overlay.html", { ["frame-ancestors"] = "'self'" })
  page("/argus/", "configurator.html", { ["frame-src"] = "'self'" })
  -- Pictures of people come from Twitch.
  page("/argus/dashboard", "dashboard.html", { ["img-src"] = "'self' https:" })
  page("/auth_success.html", "auth/auth_success.html")
  page("/auth_fail.html", "auth/auth_fail.html")
  for _, name in ipairs { "auth.css", "argus_icon.png", "argus_icon.svg" } do
    file_at("/" .. name, "auth/" .. name)
  end
  nightjar.http.static("/argus/static", "public", { cors = true })
  nightjar.http.static("/argus/lib", "pages", { shared = true, cors = true })
end

return M
