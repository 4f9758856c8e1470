local lobby = require "lobby"
local null = require("nightjar").json.null

local T = {}

local MANIFESTS = {
  b_game = { title = "Zebra", description = "Stripes.", cover = "pictures/cover.svg", pck = "joker_bingo.pck" },
  a_game = { title = "Ape", pck = "not_there.pck" },
  odd = { title = 7, cover = null, description = {} },
}

local function find(name)
  local id = name:gsub("-", "_")
  return MANIFESTS[id] and { id = id, manifest = MANIFESTS[id] }
end

local function games(list)
  return lobby.games({ games = list }, find)
end

function T.games_stand_by_title_with_what_their_manifests_say()
  local list = games { { id = "b-game", settings = { max_bet = 2 } }, { id = "a_game", settings = {} } }
  assert(#list == 2 and list[1].title == "Ape" and list[2].title == "Zebra")
  assert(list[2].id == "b_game" and list[2].description == "Stripes." and list[2].settings.max_bet == 2)
  assert(list[2].cover == "/game/b_game/pictures/cover.svg")
end

function T.a_package_is_offered_when_it_is_there()
  local list = games { { id = "b_game", settings = {} }, { id = "a_game", settings = {} } }
  assert(list[2].pck == "/static/games-available/joker_bingo.pck" and list[1].pck == nil)
end

function T.a_manifest_that_says_nonsense_or_is_missing_leaves_the_name()
  local list = games { { id = "odd", settings = {} }, { id = "gone-again", settings = {} } }
  assert(list[1].title == "Gone Again" and list[2].title == "Odd")
  assert(list[2].cover == nil and list[2].description == nil)
end

function T.no_games_are_an_empty_list()
  assert(require("nightjar").json.encode(games {}) == "[]")
end

return T
