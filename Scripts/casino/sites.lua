--- The sites: where games are offered, for what money, and with what settings. A file each.
--
-- A site file is read strictly: an operator's typing slip must not be passed over in silence.

local nightjar = require "nightjar"
local denominations = require "denominations"
local jackpots = require "jackpots"
local json_lines = require "lib.json_lines"
local nearest = require "lib.nearest"
local platforms = require "platforms"

local M = {}

-- How players of each platform rise, by platform; `main.lua` knows.
---@type table<string, casino.Levels>
M.levels = {}

-- Those there are, by name; `main.lua` knows. nil: nobody has said.
---@type table<string, boolean>?
M.platforms = nil

-- Where players of a site come from that does not say it; `main.lua` knows.
---@type string
M.front = "demo"

-- What a new player may have: a number that every client can hold exactly (2^53), and so far from
-- where 64 bits end that no balance gets there by winning.
local INITIAL_CREDITS_MAX = 9000000000000000

-- Of a site's id: it becomes part of keys in the store.
M.ID_BYTES_MAX = 256

---@class casino.Site
---@field id string
---@field title? string
---@field platform string the one it is made for; a local site may be used with another one
---@field url? string
---@field denomination casino.Denomination
---@field initial_credits integer balance of a new user, smallest unit
---@field max_win? integer credits, the most that a round of any game here may pay
---@field manual_credits boolean may clients change their own credits (development)?
---@field games {id: string, settings: table}[] in the file's order
---@field jackpots casino.Jackpot[]
---@field file string

---@class casino.Games the games there are
---@field game fun(name: string): {id: string, settings: table}?
---@field game_names fun(): string[]

---@class casino.Reporter what reading has found wrong
---@field mistake fun(file: string, line: integer, message: string) the file cannot be used
---@field warning fun(file: string, line: integer, message: string) it can, but not all of it

local function is_table(value, place)
  return type(value) == "table" and place.members ~= nil
end

-- Each kind of value: what it must be, in words, and the test.
local KINDS = {
  text = {
    "a string that is not empty",
    function(value) return type(value) == "string" and value ~= "" end,
  },
  flag = { "true or false", function(value) return type(value) == "boolean" end },
  object = { "an object", is_table },
  list = {
    "an array", function(value, place) return type(value) == "table" and place.elements ~= nil end,
  },
}

--- A whole number from `lowest` to `highest`, or of at least `lowest`.
local function whole(lowest, highest)
  local words = highest and ("a whole number from %d to %d"):format(lowest, highest)
    or ("a whole number of at least %d"):format(lowest)
  return {
    words,
    function(value)
      return math.type(value) == "integer" and value >= lowest and value <= (highest or value)
    end,
  }
end

local SITE = {
  id = KINDS.text, title = KINDS.text, platform = KINDS.text, url = KINDS.text, denom = KINDS.text,
  initial_credits = whole(0, INITIAL_CREDITS_MAX), max_win = whole(1),
  manual_credits = KINDS.flag, games = KINDS.object, jackpots = KINDS.list,
}

local JACKPOT = jackpots.members(whole, KINDS)

local function keys_of(map)
  local keys = {}
  for key in pairs(map) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

--- Checks the members of an object against their kinds.
---@param say fun(line: integer, message: string)
---@param odd? fun(line: integer, message: string) for keys that nobody knows; default: `say`
local function check_members(object, place, kinds, say, odd)
  for name, member in pairs(place.members) do
    local kind = kinds[name]
    if not kind then
      local hint = nearest.hint(name, keys_of(kinds));
      (odd or say)(member.line, ("unknown key \"%s\"%s"):format(name, hint))
    elseif not kind[2](object[name], member) then
      say(member.line, ("\"%s\" must be %s"):format(name, kind[1]))
    end
  end
  for _, again in ipairs(place.repeated or {}) do
    say(again.line, ("\"%s\" is given twice"):format(again.name))
  end
end

--- `-` and `_` are the same in the names of games.
local function folded(name)
  return (name:gsub("-", "_"))
end

-- Settings that the server itself knows: any game may have them, and a site may add them.
local HOST_SETTINGS = { max_win = true, modes = true }

-- What a setting is, so that one of another kind is noticed: 4 and 4.5 are both numbers.
local function kind_of(value, place)
  if type(value) == "table" then return place and place.elements and "array" or "object" end
  if value == nightjar.json.null then return "null" end
  return type(value)
end

--- Looks for mistakes in what a site changes of a game.
---@param known {settings: table} what the game's manifest says
---@param warn fun(line: integer, message: string) for what nobody knows
---@param wrong fun(line: integer, message: string) for what cannot be played with
local function check_game(id, settings, place, known, warn, wrong)
  local names = keys_of(known.settings)
  for name, member in pairs(place.members) do
    local usual = known.settings[name]
    if usual == nil and not HOST_SETTINGS[name] then
      local hint = #names > 0 and nearest.hint(name, names) or "; it has none"
      warn(member.line, ("the game \"%s\" has no setting \"%s\"%s"):format(id, name, hint))
    elseif usual ~= nil then
      local is, was = kind_of(settings[name], member), kind_of(usual, member)
      if name == "jackpot" then
        if is == "object" or not jackpots.is_names(settings[name]) then
          wrong(member.line,
            ("the setting \"jackpot\" of \"%s\" must be the id of a jackpot, or a list of ids")
            :format(id))
        end
      elseif is ~= was then
        wrong(member.line,
          ("the setting \"%s\" of \"%s\" is of type %s, in the manifest of type %s")
          :format(name, id, is, was))
      elseif math.type(usual) == "integer" and math.type(settings[name]) == "float" then
        wrong(member.line, ("the setting \"%s\" of \"%s\" is a whole number in the manifest")
          :format(name, id))
      end
    end
  end
  local cap = settings.max_win
  if cap ~= nil and (math.type(cap) ~= "integer" or cap < 1) then
    wrong(place.members.max_win.line,
      ("the setting \"max_win\" of \"%s\" must be a whole number of at least 1"):format(id))
  end
end

local function read_games(object, place, games, say, warn, wrong)
  local list, seen = {}, {}
  for _, entry in ipairs(place.order) do
    local id, member = entry, place.members[entry]
    if not is_table(object[id], member) then
      say(member.line, ("the entry of \"%s\" must be an object of settings; {} changes nothing")
        :format(id))
    elseif seen[folded(id)] then
      say(member.line, ("the game \"%s\" is listed twice"):format(id))
    else
      seen[folded(id)] = true
      list[#list + 1] = { id = id, settings = object[id] }
      local known = games.game(id)
      if known then
        check_game(id, object[id], member, known, warn, wrong)
      else
        local hint = nearest.hint(id, games.game_names())
        warn(member.line, ("there is no game \"%s\"%s"):format(id, hint))
      end
    end
  end
  return list
end

--- Looks for mistakes in a jackpot, or in one of its levels.
---@param list table where it stands
local function check_level(list, index, place, kinds, seen, say)
  local level = list[index]
  if not is_table(level, place) then
    say(place.line, "a jackpot must be an object")
    return nil
  end
  check_members(level, place, kinds, say)
  if level.id == nil then
    say(place.line, "the jackpot's \"id\" is missing")
  elseif seen[level.id] then
    say(place.line, ("the jackpot \"%s\" is listed twice"):format(level.id))
  else
    seen[level.id] = true
  end
  local trigger = place.members.trigger
  if trigger and is_table(level.trigger, trigger) then
    check_members(level.trigger, trigger, JACKPOT.trigger, say)
    if jackpots.trigger_count(level.trigger) ~= 1 then
      say(trigger.line, "a trigger is one of \"on\", \"one_in\" and \"must_hit_by\"")
    end
  end
  return level
end

--- Reads the jackpots. What they come to is looked at only when the members are what they must be.
---@param denom string what the site plays in, as the back office calls it
local function read_jackpots(list, place, denom, say)
  local all, seen, faults = {}, {}, 0
  local function note(line, message)
    faults = faults + 1
    say(line, message)
  end
  for index, element in ipairs(place.elements) do
    local before = faults
    local entry = check_level(list, index, element, JACKPOT.jackpot, seen, note)
    local levels = entry and element.members.levels
    if levels and levels.elements then
      local names = {}
      if #levels.elements < 1 or #levels.elements > jackpots.LEVELS_MAX then
        note(levels.line, ("a jackpot has 1 to %d levels"):format(jackpots.LEVELS_MAX))
      end
      for position, level in ipairs(levels.elements) do
        check_level(entry.levels, position, level, JACKPOT.level, names, note)
      end
    end
    if entry and entry.denom and entry.denom ~= denom then
      note(element.line, ("the jackpot is in %s, the site plays in %s"):format(entry.denom, denom))
    end
    if entry and faults == before then
      local made = jackpots.complete(entry, denom)
      for position, level in ipairs(made.levels) do
        local at = levels and levels.elements[position] or element
        local problem = jackpots.problem(level)
        if problem then note(at.line, problem) end
      end
      all[#all + 1] = made
    end
  end
  return all
end

--- Reads one site file.
---@param file {file: string, text: string}
---@param games casino.Games
---@param report casino.Reporter
---@param options? {is_remote: boolean} a back office tells it: it may say more than is known here
---@return casino.Site? site nil when the file has mistakes
function M.read(file, games, report, options)
  local is_remote = options ~= nil and options.is_remote
  local faults = 0
  local function say(line, message)
    faults = faults + 1
    report.mistake(file.file, line, message)
  end
  local function warn(line, message) report.warning(file.file, line, message) end

  local object, _, detail = nightjar.json.decode(file.text)
  if type(object) ~= "table" then
    local byte = tonumber((detail or ""):match("at byte (%d+)")) or 1
    local line = json_lines.line_of(file.text, byte - 1)
    say(line, "not a JSON object: " .. (detail or "it is something else"))
    return nil
  end
  local place = json_lines.scan(file.text)
  if not place.members then
    say(1, "not a JSON object: it is an array")
    return nil
  end

  check_members(object, place, SITE, say, is_remote and warn or nil)
  if type(object.id) ~= "string" or #object.id > M.ID_BYTES_MAX then
    say(1, ("\"id\" must be given, up to %d bytes"):format(M.ID_BYTES_MAX))
  end
  local denomination = denominations[object.denom or "credit"]
  if not denomination and type(object.denom) == "string" then
    say(place.members.denom.line, ("unknown denomination \"%s\"%s")
      :format(object.denom, nearest.hint(object.denom, keys_of(denominations))))
  end
  local platform = object.platform
  if M.platforms and type(platform) == "string" and not M.platforms[platform] then
    -- A file without its platform is a slip, or what somebody has deleted. What a back office says
    -- of a site must not end it for those who play.
    local tell = is_remote and warn or say
    tell(place.members.platform.line, platforms.unknown(platform, keys_of(M.platforms)))
  end
  local list
  if object.games == nil then
    say(1, "\"games\" is missing: an object with one entry per game")
  elseif is_table(object.games, place.members.games) then
    -- With a file, `nightjar check` and the lobby tell; nobody sees what a back office has slipped.
    list = read_games(object.games, place.members.games, games, say, warn,
      is_remote and say or warn)
  end
  local pots = {}
  if denomination and object.jackpots ~= nil and place.members.jackpots.elements then
    pots = read_jackpots(object.jackpots, place.members.jackpots, denomination.rgs_id, say)
  end
  for _, game in ipairs(list or {}) do
    local known = games.game(game.id)
    local names = game.settings.jackpot or known and known.settings.jackpot
    local unknown = jackpots.unknown(game.id, game.settings.jackpot, pots)
    if unknown then
      local tell = is_remote and warn or say
      tell(place.members.games.members[game.id].members.jackpot.line, unknown)
    end
    local problem = jackpots.game_problem(game.id, names, pots)
    if problem then
      -- A slip of a back office must not end the site: its players play for no jackpot there.
      if is_remote then game.settings.jackpot = nil end
      local tell = is_remote and warn or say
      tell(place.members.games.members[game.id].line, problem)
    end
  end
  if faults > 0 then return nil end
  -- Clients that change their own credits are for development, which files are for.
  local manual_credits = object.manual_credits
  if manual_credits == nil then manual_credits = not is_remote end
  return {
    id = object.id, title = object.title, platform = object.platform or M.front, url = object.url,
    denomination = denomination, initial_credits = object.initial_credits or 1000,
    max_win = object.max_win,
    manual_credits = manual_credits, games = list,
    jackpots = pots, file = file.file,
  }
end

--- What the host has to know of a site.
---@param site casino.Site
---@return table
function M.describe(site)
  local games = nightjar.json.array()
  for _, game in ipairs(site.games) do
    -- The site's cap goes with each game's settings, so that the journal has it with every round.
    local settings = game.settings
    if site.max_win then
      settings = {}
      for name, value in pairs(game.settings) do settings[name] = value end
      settings.site_max_win = site.max_win -- whatever an entry says
    end
    games[#games + 1] = { id = game.id, settings = settings }
  end
  return {
    id = site.id, denomination = site.denomination, initial_credits = site.initial_credits,
    manual_credits = site.manual_credits, games = games, levels = M.levels,
    jackpots = nightjar.json.array(site.jackpots or {}),
  }
end

--- Reads all site files.
---@param files {file: string, text: string}[]
---@param games casino.Games
---@param report casino.Reporter
---@return table<string, casino.Site> by id
function M.read_all(files, games, report)
  local sites = {}
  for _, file in ipairs(files) do
    local site = M.read(file, games, report)
    if site and sites[site.id] then
      local message = ("the site \"%s\" is defined in another file too"):format(site.id)
      report.mistake(file.file, 1, message)
    elseif site then
      sites[site.id] = site
    end
  end
  return sites
end

return M
