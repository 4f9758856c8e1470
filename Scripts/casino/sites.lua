--- The sites: where games are offered, for what money, and with what settings. A file each.
--
-- A site file is read strictly: an operator's typing slip must not be passed over in silence.

local nightjar = require "nightjar"
local denominations = require "denominations"
local json_lines = require "lib.json_lines"
local nearest = require "lib.nearest"

local M = {}

local NAME_BYTES_MAX = 256 -- of a site's id: it becomes part of keys in the store

---@class casino.Site
---@field id string
---@field title? string
---@field platform string the one it is made for; a local site may be used with another one
---@field url? string
---@field denomination casino.Denomination
---@field initial_credits integer balance of a new user, smallest unit
---@field manual_credits boolean may clients change their own credits (development)?
---@field games {id: string, settings: table}[] in the file's order
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
  initial_credits = whole(0), manual_credits = KINDS.flag, games = KINDS.object,
  jackpots = KINDS.list,
}

local JACKPOT = {
  id = KINDS.text, denom = KINDS.text, storage_multiplier = whole(1, 1000000000),
  min = whole(0), max = whole(0), rate_bp = whole(0, 10000),
}

local function keys_of(map)
  local keys = {}
  for key in pairs(map) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

--- Checks the members of an object against their kinds.
---@param say fun(line: integer, message: string)
local function check_members(object, place, kinds, say)
  for name, member in pairs(place.members) do
    local kind = kinds[name]
    if not kind then
      say(member.line, ("unknown key \"%s\"%s"):format(name, nearest.hint(name, keys_of(kinds))))
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

-- What a setting is, so that one of another kind is noticed: 4 and 4.5 are both numbers.
local function kind_of(value, place)
  if type(value) == "table" then return place and place.elements and "array" or "object" end
  if value == nightjar.json.null then return "null" end
  return type(value)
end

--- Looks for mistakes in what a site changes of a game.
---@param known {settings: table} what the game's manifest says
local function check_game(id, settings, place, known, warn)
  local names = keys_of(known.settings)
  for name, member in pairs(place.members) do
    local usual = known.settings[name]
    if usual == nil then
      local hint = #names > 0 and nearest.hint(name, names) or "; it has none"
      warn(member.line, ("the game \"%s\" has no setting \"%s\"%s"):format(id, name, hint))
    else
      local is, was = kind_of(settings[name], member), kind_of(usual, member)
      if is ~= was then
        warn(member.line, ("the setting \"%s\" of \"%s\" is of type %s, in the manifest of type %s")
          :format(name, id, is, was))
      elseif math.type(usual) == "integer" and math.type(settings[name]) == "float" then
        warn(member.line, ("the setting \"%s\" of \"%s\" is a whole number in the manifest")
          :format(name, id))
      end
    end
  end
end

local function read_games(object, place, games, say, warn)
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
        check_game(id, object[id], member, known, warn)
      else
        local hint = nearest.hint(id, games.game_names())
        warn(member.line, ("there is no game \"%s\"%s"):format(id, hint))
      end
    end
  end
  return list
end

local function check_jackpots(list, place, say)
  local seen = {}
  for index, element in ipairs(place.elements) do
    local jackpot = list[index]
    if not is_table(jackpot, element) then
      say(element.line, "a jackpot must be an object")
    else
      check_members(jackpot, element, JACKPOT, say)
      if jackpot.id == nil then
        say(element.line, "the jackpot's \"id\" is missing")
      elseif seen[jackpot.id] then
        say(element.line, ("the jackpot \"%s\" is listed twice"):format(jackpot.id))
      else
        seen[jackpot.id] = true
      end
      local lowest, highest = jackpot.min or 0, jackpot.max or math.maxinteger
      local are_whole = math.type(lowest) == "integer" and math.type(highest) == "integer"
      if are_whole and lowest > highest then
        say(element.line, "the jackpot's \"min\" is above its \"max\"")
      end
    end
  end
end

--- Reads one site file.
---@param file {file: string, text: string}
---@param games casino.Games
---@param report casino.Reporter
---@return casino.Site? site nil when the file has mistakes
function M.read(file, games, report)
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

  check_members(object, place, SITE, say)
  if type(object.id) ~= "string" or #object.id > NAME_BYTES_MAX then
    say(1, ("\"id\" must be given, up to %d bytes"):format(NAME_BYTES_MAX))
  end
  local denomination = denominations[object.denom or "credit"]
  if not denomination and type(object.denom) == "string" then
    say(place.members.denom.line, ("unknown denomination \"%s\"%s")
      :format(object.denom, nearest.hint(object.denom, keys_of(denominations))))
  end
  local list
  if object.games == nil then
    say(1, "\"games\" is missing: an object with one entry per game")
  elseif is_table(object.games, place.members.games) then
    list = read_games(object.games, place.members.games, games, say, warn)
  end
  if object.jackpots ~= nil and place.members.jackpots.elements then
    check_jackpots(object.jackpots, place.members.jackpots, say)
  end
  if faults > 0 then return nil end
  return {
    id = object.id, title = object.title, platform = object.platform or "demo", url = object.url,
    denomination = denomination, initial_credits = object.initial_credits or 1000,
    manual_credits = object.manual_credits ~= false, games = list, file = file.file,
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
