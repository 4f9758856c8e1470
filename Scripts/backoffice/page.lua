--- The page, and what it asks for: `/books/…`. It shows what is the operator's alone, so only who
-- sits at this machine gets it, or who has the token.

local nightjar = require "nightjar"
local access = require "access"
local answers = require "answers"
local books = require "books"
local headers = require "lib.headers"
local jackpots = require "jackpots"
local people = require "people"
local returns = require "returns"
local sites = require "sites"

local http = nightjar.http

local HEADERS = headers.of_page()
local page = nightjar.data("public/index.html")

http.get("/", function() return { status = 200, headers = HEADERS, body = page } end)
http.static("/page", "public")
http.static("/lib", "pages", { shared = true })

--- Makes a route that answers with a table, with 404, or where nobody knows with 503.
local function shows(path, find)
  http.get(path, access.page:guarded(function(request)
    local value, code = find(request)
    if value then return { json = value } end
    if code then return answers.away() end
    return answers.problem(404, "not_found", "There is nothing at this path.")
  end))
end

-- Browsers round whole numbers above this: they get them as texts.
local EXACT_MAX = 1 << 53

local function exact(number)
  return number > EXACT_MAX and ("%d"):format(number) or number
end

-- The totals of a game with what follows from them.
local function judged(totals)
  totals.measured, totals.low, totals.high = returns.measured(totals)
  totals.verdict = returns.verdict(totals)
  if type(totals.declared) == "table" then
    totals.declared = nightjar.json.array(totals.declared)
  end
  totals.total_in, totals.total_out = exact(totals.total_in), exact(totals.total_out)
  totals.jackpots = exact(totals.jackpots or 0)
  return totals
end

shows("/books/overview", function()
  local games = books.totals()
  for _, totals in ipairs(games) do judged(totals) end
  local players, open = people.counts()
  return { games = games, players = players, sessions = open, sites = sites.ids() }
end)

shows("/books/sessions", function(request)
  local rows, count = people.sessions(request.query.open == "1")
  return { rows = rows, count = count }
end)

shows("/books/players", function()
  local rows, count = people.players()
  return { rows = rows, count = count }
end)

shows("/books/players/:id", function(request)
  return people.player(request.params.id)
end)

shows("/books/rounds", function(request)
  local query = request.query
  local wanted = {
    player = query.player, outcome = query.outcome, mark = query.mark, game = query.game,
  }
  for _, value in pairs(wanted) do
    if not answers.is_id(value) then return nil end
  end
  local rows, count = books.rounds(wanted)
  return { rows = rows, count = count }
end)

shows("/books/rounds/:id", function(request)
  if not answers.is_id(request.params.id) then return nil end
  local round = books.round(request.params.id)
  if round then
    round.ops = nightjar.json.array(round.ops)
    round.marks = nightjar.json.array(round.marks or {})
  end
  return round
end)

shows("/books/jackpots", function() return { rows = jackpots.all() } end)

-- What a text that somebody looks for may be: a round, a player, a player's id at the platform.
shows("/books/find", function(request)
  local text = request.query.text
  if not answers.is_id(text) then return nil end
  if books.round(text) then return { kind = "round", id = text } end
  local player, code = people.player(text)
  if not player and not code then player, code = people.by_uid(text) end
  if not player then return nil, code end
  return { kind = "player", id = player.id }
end)

http.post("/books/players/:id/blocked", access.page:guarded(function(request)
  local body, bad = answers.object(request)
  if not body then return bad end
  if type(body.blocked) ~= "boolean" then
    return answers.problem(400, "bad_body", "blocked must be true or false.")
  end
  local player = people.block(request.params.id, body.blocked)
  if player then return { json = player } end
  if player == nil then return answers.away() end
  return answers.problem(404, "not_found", "There is no such player.")
end))
