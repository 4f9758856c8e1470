--- What a lobby shows: the games of a site, with pictures, and the packages (`.pck`) of those that
-- have one for lobbies made with Godot.

local nightjar = require "nightjar"

local M = {}

-- Where packages of games lie, below the folder that is served as /static.
local PACKAGES = "games-available"

local packages = {}
for _, file in ipairs(nightjar.files("public/" .. PACKAGES, ".pck")) do packages[file] = true end

---@class casino.LobbyGame what a lobby knows of a game
---@field id string
---@field title string
---@field description? string
---@field cover? string address of a picture
---@field pck? string address of the game's package, if it is there to be loaded
---@field settings table what the site changes of the game's settings

--- "joker_bingo" → "Joker Bingo", for a game whose manifest cannot be read.
local function title_of(id)
  return (id:gsub("[_-]+", " "):gsub("%f[%w]%l", string.upper))
end

local function text(value)
  return type(value) == "string" and value or nil
end

--- The games of a site, by title.
---@param site casino.Site
---@param find fun(name: string): {id: string, manifest: table}? the game of that name
---@return casino.LobbyGame[] a JSON array
function M.games(site, find)
  local games = nightjar.json.array()
  for _, offered in ipairs(site.games) do
    local game = find(offered.id) or { id = offered.id, manifest = {} }
    local manifest = game.manifest
    local cover, pck = text(manifest.cover), text(manifest.pck)
    games[#games + 1] = {
      id = game.id,
      title = text(manifest.title) or title_of(game.id),
      description = text(manifest.description),
      cover = cover and "/game/" .. game.id .. "/" .. cover,
      pck = pck and packages[pck] and "/static/" .. PACKAGES .. "/" .. pck or nil,
      settings = offered.settings,
    }
  end
  table.sort(games, function(a, b) return a.title < b.title end)
  return games
end

return M
