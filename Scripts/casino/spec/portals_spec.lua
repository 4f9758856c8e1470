-- What the page of a site says when nobody can play there.

local nightjar = require "nightjar"
local portals = require "portals"
local sites = require "sites"

local T = {}

local site = sites.read({ file = "mine.json", text = '{"id":"mine","games":{}}' },
  { game = function() end, game_names = function() return {} end }, {})

-- The page of a portal whose back office does not know the site, or does.
local function page(is_refused, name)
  local get = nightjar.http.get
  function nightjar.http.get() end
  local answer = portals.declare("demo", { portal = {} }, {
    sites = { mine = site }, lobbies = { mine = {} }, warnings = {},
    told = function() return nil end, refuses = function() return is_refused end,
    lobby = function() return {} end,
  })
  nightjar.http.get = get
  local request = { query = { site = name }, remote = "", header = function() return nil end }
  return answer(request)
end

function T.the_page_of_a_site_that_the_back_office_refuses_says_so()
  local closed = page(true, "mine")
  assert(closed.status == 404 and closed.body:find("This site is not open", 1, true), closed.body)
  local open = page(false, "mine")
  assert(open.status == 200 and not open.body:find("not open", 1, true), open.status)
  local nowhere = page(false, "nowhere")
  assert(nowhere.status == 404 and nowhere.body:find("No such site", 1, true), nowhere.body)
end

return T
