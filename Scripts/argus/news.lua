--- What a patch of the game has brought: traits that no list knows, as a page and as JSON, and why
-- a trait is classified as it is.

local nightjar = require "nightjar"
local classify = require "classify"
local escape = require("lib.template").escape
local in_use = require "in_use"
local unknown = require "unknown"
local web = require "web"

local M = {}

local HEAD = [[<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Unknown traits · Argus</title>
<link rel="icon" href="/argus/static/mark.svg">
<link rel="stylesheet" href="/argus/static/css/base.css">
<link rel="stylesheet" href="/argus/static/css/unknown.css">
</head>
<body>
<header class="top">
<img class="mark" src="/argus/static/mark.svg" width="34" height="34" alt="">
<h1>Unknown traits</h1></header>
<main><section class="panel">
]]

local INTRODUCTION = [[<p>The game has sent these, and neither the mapping nor a list in
<code>Scripts/argus/traits.lua</code> has them. Give a boon of a god an entry in the mapping, with
its god and its texts. Add any other name to the list it belongs to, and its texts to the mapping.
Save, and the next message is classified anew; what is known goes from here.</p>
<table><thead><tr><th>Name</th><th>Slot</th><th>Rarity</th><th>Seen</th><th>First</th><th>Last</th>
<th>Example</th></tr></thead><tbody>
]]

local FOOT = "</section></main></body></html>\n"

local function time_text(ms) return os.date("!%Y-%m-%d %H:%M:%S", ms // 1000) .. " UTC" end

local function cell(label, text, class)
  return ('<td data-label="%s"%s>%s</td>'):format(
    label, class and ' class="' .. class .. '"' or "", escape(text))
end

local function row(one)
  local example = type(one.example) == "table" and one.example or {}
  local text = nightjar.json.encode(example, { sort = true }) or ""
  return "<tr>" .. cell("Name", one.name) .. cell("Slot", tostring(example.Slot or "–"))
    .. cell("Rarity", tostring(example.Rarity or "–"))
    .. cell("Seen", tostring(one.count), "number")
    .. cell("First", time_text(one.first)) .. cell("Last", time_text(one.last))
    .. '<td data-label="Example"><code>' .. escape(text) .. "</code></td></tr>\n"
end

--- The page.
---@param list table[] as `unknown.list` gives it
---@return string html
function M.page(list)
  local parts = { HEAD }
  if #list == 0 then
    parts[2] = '<p class="empty">No unknown trait has come since the server was started.</p>'
  else
    parts[2] = INTRODUCTION
    for _, one in ipairs(list) do parts[#parts + 1] = row(one) end
    parts[#parts + 1] = "</tbody></table>"
  end
  parts[#parts + 1] = FOOT
  return table.concat(parts)
end

-- Whether the client would rather have JSON: it says so, and does not say that it shows pages.
local function wants_json(request)
  local accept = (request:header("accept") or ""):lower()
  return accept:find("application/json", 1, true) ~= nil
    and accept:find("text/html", 1, true) == nil
end

--- `GET /argus/unknown`.
---@param book table
---@param request nightjar.Request
---@return nightjar.Answer
function M.get(book, request)
  local list = unknown.list(book)
  if wants_json(request) then
    return { status = 200, json = { unknown = nightjar.json.array(list) } }
  end
  return { status = 200, headers = M.HEADERS, body = M.page(list) }
end

--- The page runs no scripts, and shows only our own files.
M.HEADERS = {
  ["content-type"] = "text/html; charset=utf-8",
  ["content-security-policy"] = "default-src 'none'; style-src 'self'; img-src 'self'; "
    .. "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  ["x-content-type-options"] = "nosniff",
  ["referrer-policy"] = "no-referrer",
  ["cache-control"] = "no-store",
}

--- Which rule classifies a trait of this name, and why the others do not.
---@param name string
---@param mapping table
---@param version? string
---@return table
function M.explain(name, mapping, version)
  local explained = classify.explain(name, in_use.lists, mapping, version)
  explained.trait = name
  explained.others = nightjar.json.array(explained.others)
  return explained
end

--- `GET /argus/explain?trait=NAME`.
---@param mapping table
---@param request nightjar.Request
---@return nightjar.Answer
function M.get_explained(mapping, request)
  local name, version = request.query.trait, request.query.version
  if not name or name == "" then
    return web.problem(400, "no_trait", "Say which: /argus/explain?trait=ZeusWeaponBoon")
  end
  if version ~= nil and version ~= "1" and version ~= "2" then
    return web.problem(400, "bad_version", "version is 1 or 2.")
  end
  return { status = 200, json = M.explain(name, mapping, version) }
end

return M
