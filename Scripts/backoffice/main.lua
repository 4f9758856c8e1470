--- A back office to try the casino with: it knows sites and players, keeps every round once, and
-- shows all of it on a page. `nightjar backoffice` starts it; docs/casino-backoffice.md tells what
-- servers ask of it, for those who have one of their own.

local nightjar = require "nightjar"
local access = require "access"
local answers = require "answers"
local books = require "books"
local jackpots = require "jackpots"
local kept = require "lib.kept"
local limits = require "limits"
local people = require "people"
local reports = require "reports"
local sites = require "sites"
require "page"

local http, log = nightjar.http, nightjar.log
local is_id, is_count, problem = answers.is_id, answers.is_count, answers.problem

---@type nightjar.Package
local M = {}

M.listener = "backoffice"
M.workers = "one" -- so that there is one writer of the totals

local DONE = { status = 204, body = "" }

-- What follows from whether something was known: nil means that the store does not answer.
local function of(is_known, what)
  if is_known then return DONE end
  if is_known == nil then return answers.away() end
  return problem(404, "unknown_" .. what, "There is no such " .. what .. ".")
end

--- Begins a session: `{"platform", "site", "user": {"id", "uid", "name", "email"}}`.
local function begin(request)
  local body, bad = answers.object(request)
  if not body then return bad end
  local user = body.user
  if not is_id(body.platform) or not is_id(body.site) or type(user) ~= "table" then
    return problem(400, "bad_session", "platform, site and user are expected.")
  end
  -- An id at a platform has up to 256 bytes; it is looked for by its hash.
  if type(user.uid) ~= "string" or user.uid == "" or #user.uid > 256 then
    return problem(400, "bad_session", "user.uid must be a text of at most 256 bytes.")
  end
  local site = sites.text(body.site)
  if not site then return problem(404, "unknown_site", "There is no such site.") end
  local session, player = people.begin(body.platform, body.site, user)
  if player == "blocked" then
    return problem(403, "blocked", "This player may not play.")
  elseif not session then
    return answers.away()
  end
  local text = ('{"session_id":%s,"player_id":%s,"site":%s}'):format(
    nightjar.json.encode(session.id), nightjar.json.encode(player.id), site)
  return { status = 200, headers = { ["content-type"] = "application/json" }, body = text }
end

local function site(request)
  local text = sites.text(request.params.id)
  if not text then return problem(404, "unknown_site", "There is no such site.") end
  return { status = 200, headers = { ["content-type"] = "application/json" }, body = text }
end

--- A round that has ended. Told again it changes nothing.
local function round(request)
  local report, bad = answers.object(request)
  if not report then return bad end
  local wrong = reports.problem(report)
  if wrong then return problem(400, "bad_round", wrong) end
  if report.session_id then
    local session, code = people.session(report.session_id)
    if not session and code then return answers.away() end
    if not session then return of(false, "session") end
    -- Who reports by session need not know the player.
    report.player_id = report.player_id or session.player
  end
  local answer = books.keep(report)
  if answer == "kept" or answer == "known" then return DONE end
  if answer == "unavailable" then return answers.away() end
  log.error("a round was told twice, and differently", { round_id = report.round_id })
  return problem(409, "different", "This round is known, with other figures.")
end

local function player(request)
  local news, bad = answers.object(request)
  if not news then return bad end
  if not is_count(news.credits) or not is_id(news.denom) then
    return problem(400, "bad_player", "credits and denom are expected.")
  end
  return of(people.update(request.params.id, news), "player")
end

local function jackpot(request)
  local news, bad = answers.object(request)
  if not news then return bad end
  local wrong = jackpots.problem(news)
  if wrong then return problem(400, "bad_jackpot", wrong) end
  return jackpots.update(news) and DONE or answers.away()
end

local function finish(request) return of(people.finish(request.params.id), "session") end

local options = { max_body = limits.body_bytes }
http.post("/rgs-api/sessions", access.reports(begin), options)
http.delete("/rgs-api/sessions/:id", access.reports(finish))
http.get("/rgs-api/sites/:id", access.reports(site))
http.post("/rgs-api/rounds", access.reports(round), options)
http.post("/rgs-api/players/:id", access.reports(player), options)
http.post("/rgs-api/jackpots", access.reports(jackpot), options)

function M.on_reload() kept.restore() end

return M
