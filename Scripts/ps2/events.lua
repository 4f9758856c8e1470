--- The events of the stream: their names, whether they are about a character or about a world, and
-- what their fields hold. The service sends every value as a string.

local M = {}

---@class ps2.EventKind
---@field about "character"|"world"|"both" whose subscription delivers it
---@field fields table<string, triggers.Type|string|table> as `lib.triggers` takes them

-- "name:type" apart by spaces. Without a type it is a whole number, of up to 64 bits: ids are
-- larger than what a float can hold. With "?" the field may be missing.
local function kind(about, text)
  local fields = {}
  for word in ("timestamp world_id " .. text):gmatch("%S+") do
    local name, type, mark = word:match("^([%w_]+):?(%a*)(%??)$")
    fields[name] = (type == "" and "integer" or type) .. mark
  end
  return { about = about, fields = fields }
end

local LOCK = "triggering_faction previous_faction vs_population:number nc_population:number "
  .. "tr_population:number metagame_event_id event_type? zone_id"
local FACILITY = "character_id facility_id outfit_id zone_id"

---@type table<string, ps2.EventKind>
M.kinds = {
  AchievementEarned = kind("character", "character_id achievement_id zone_id"),
  BattleRankUp = kind("character", "battle_rank character_id zone_id"),
  Death = kind("character", "attacker_character_id attacker_fire_mode_id attacker_loadout_id "
    .. "attacker_vehicle_id attacker_weapon_id attacker_team_id? character_id "
    .. "character_loadout_id is_critical:boolean? is_headshot:boolean team_id? vehicle_id? "
    .. "zone_id"),
  FacilityControl = kind("world", "duration_held facility_id new_faction_id old_faction_id "
    .. "outfit_id zone_id"),
  GainExperience = kind("character", "amount character_id experience_id loadout_id other_id "
    .. "team_id? zone_id"),
  ItemAdded = kind("character", "character_id context:string item_count item_id zone_id"),
  MetagameEvent = kind("world", "experience_bonus:number faction_nc:number faction_tr:number "
    .. "faction_vs:number instance_id metagame_event_id metagame_event_state "
    .. "metagame_event_state_name:string zone_id?"),
  PlayerFacilityCapture = kind("character", FACILITY),
  PlayerFacilityDefend = kind("character", FACILITY),
  PlayerLogin = kind("both", "character_id"),
  PlayerLogout = kind("both", "character_id"),
  SkillAdded = kind("character", "character_id skill_id zone_id"),
  VehicleDestroy = kind("character", "attacker_character_id attacker_loadout_id "
    .. "attacker_vehicle_id attacker_weapon_id attacker_team_id? character_id facility_id "
    .. "faction_id team_id? vehicle_id zone_id"),
  ContinentLock = kind("world", LOCK),
  ContinentUnlock = kind("world", LOCK),
  FishScan = kind("character", "character_id fish_id loadout_id team_id zone_id"),
}

M.kinds.MetagameEvent.fields.zone_id = { type = "integer", default = -1 }

-- Names that people know from a library, and what the service calls them.
M.aliases = { AchievementAdded = "AchievementEarned" }

local EXPERIENCE = "GainExperience_experience_id_"

--- The event name of one kind of experience: only these are delivered.
---@param id integer like 7 for a revive
---@return string
function M.filter_experience(id)
  local number = math.tointeger(tonumber(id))
  if not number or number < 0 then
    error("filter_experience: a whole number from 0 expected, like filter_experience(7)", 2)
  end
  return EXPERIENCE .. number
end

--- The experience id of a name that `filter_experience` has made.
---@param name string
---@return integer?
function M.experience_id(name)
  local digits = name:match("^GainExperience_experience_id_(%d+)$")
  return digits and math.tointeger(tonumber(digits))
end

--- What is wrong with a name that is none of an event, though the service takes it; nil: nothing
-- that is known here.
---@param name string
---@return string?
function M.doubt(name)
  if name == "all" then
    return "it subscribes to every event, and none is called so: the trigger never fires"
  end
  if name:sub(1, #EXPERIENCE) == EXPERIENCE and not M.experience_id(name) then
    return "a number is expected behind " .. EXPERIENCE .. ", as filter_experience(7) makes it"
  end
  return nil
end

--- Whether an event is delivered for a character. Of names that nobody knows only those that begin
-- as one kind of experience does are taken for such.
---@param name string
---@return boolean
function M.is_of_character(name)
  local known = M.kinds[name]
  if known then return known.about ~= "world" end
  return name:sub(1, #EXPERIENCE) == EXPERIENCE
end

--- All names there are, sorted.
---@return string[]
function M.names()
  local names = {}
  for name in pairs(M.kinds) do names[#names + 1] = name end
  table.sort(names)
  return names
end

-- The constants of the older interface: EventType.BATTLE_RANK_UP is "BattleRankUp".
---@type table<string, string>
M.constants = {}
for name in pairs(M.kinds) do
  M.constants[name:gsub("(%l)(%u)", "%1_%2"):upper()] = name
end
M.constants.ACHIEVEMENT_ADDED = "AchievementEarned"

-- Worlds by id. The service spells the last one Soltech in its heartbeats.
M.worlds = {
  [1] = "Connery", [10] = "Miller", [13] = "Cobalt", [17] = "Emerald", [19] = "Jaeger",
  [25] = "Briggs", [40] = "SolTech",
}
M.zones = { [2] = "Indar", [4] = "Hossin", [6] = "Amerish", [8] = "Esamir", [344] = "Oshur" }
M.factions = { [1] = "VS", [2] = "NC", [3] = "TR", [4] = "NSO" }

return M
