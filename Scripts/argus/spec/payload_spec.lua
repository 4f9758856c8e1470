-- What a payload says of a run.

local equal = require("lib.testing").equal
local json = require("nightjar").json
local lists = require("spec.kit.game_lists")()
local payload = require "payload"

local T = {}

local HERO = {
  Traits = {
    { Name = "BaseStaffAspect", Rarity = "Heroic", Slot = "Aspect" },
    { Name = "ZeusWeaponBoon", Rarity = "Rare" }, { Name = "BoonOfTheNextPatch", Rarity = "Epic", Slot = "Melee" },
  },
  Elements = { Fire = 2 },
}

function T.the_eight_strings_as_they_came()
  local read = payload.read({ runData = {
    boonData = "Common;;ZeusWeaponBoon ", weaponData = " Rare;;DaggerBlockAspect", elementalData = "",
  } }, lists)
  equal(read.strings, {
    boonData = "Common;;ZeusWeaponBoon", weaponData = "Rare;;DaggerBlockAspect", familiarData = "NOFAMILIARS",
    extraData = "NOEXTRAS", elementalData = "NOELEMENTS", pinData = "NOPINS", vowData = "NOVOWS",
    arcanaData = "NOARCANA",
  })
  equal(read.warnings[1], "arcanaData is missing: NOARCANA is taken")
  equal(#read.warnings, 5)
end

function T.strings_that_are_none_say_nothing()
  local read = payload.read({ runData = { boonData = 7, pinData = {}, vowData = ("x"):rep(200000) } }, lists)
  equal(read.strings, payload.NOTHING)
  equal(read.warnings[2], "boonData is no text that a run can have: NOBOONS is taken")
  for _, text in ipairs { "7", '"x"', "true", "null", "[]", '["NOBOONS"]' } do
    local value = json.decode(text)
    local none, code = payload.read({ runData = value }, lists)
    equal({ none, code }, { nil, "bad_run_data" }, text)
  end
  equal(payload.read({ runData = json.decode "{}" }, lists).strings, payload.NOTHING)
end

function T.the_games_raw_tables()
  for _, state in ipairs { { CurrentRun = { Hero = HERO } }, HERO } do
    local read = payload.read({ gameState = state, argusProtocolVersion = "2" }, lists)
    equal(read.strings.boonData, "Rare;;ZeusWeaponBoon")
    equal(read.strings.weaponData, "Heroic;;BaseStaffAspect")
    equal(read.strings.elementalData, "Fire:2;;Air:0;;Earth:0;;Water:0;;Aether:0")
    equal(read.unknown[1].Name, "BoonOfTheNextPatch")
  end
end

function T.who_says_no_version_speaks_the_first()
  local state = { Traits = {
    HERO.Traits[1], { Name = "DodgeFamiliar", Slot = "Familiar", StackNum = 2 },
    { Name = "FamiliarPolecatResourceBonus", StackNum = 3 },
  } }
  local function familiar(version)
    local body = { gameState = state, argusProtocolVersion = version }
    return payload.read(body, lists).strings.familiarData
  end
  equal(familiar(nil), "DodgeFamiliar 2;;DodgeFamiliar 3;;FamiliarPolecatResourceBonus")
  equal(familiar "2", "4;;DodgeFamiliar 2;;DodgeFamiliar 3;;FamiliarPolecatResourceBonus")
end

function T.the_text_of_a_lua_table()
  local text = "return { Traits = { { Name = 'BaseStaffAspect', Slot = 'Aspect' } } }"
  local read = payload.read({ gameState = text }, lists)
  equal(read.strings.weaponData, "Common;;BaseStaffAspect")
  local none, code, message = payload.read({ gameState = "return {\n  x = f()\n}" }, lists)
  equal({ none, code }, { nil, "bad_game_state" })
  assert(message:find("line 2", 1, true), message)
  for _, state in ipairs { "7", "[]", "[{}]" } do
    equal(select(2, payload.read({ gameState = json.decode(state) }, lists)), "bad_game_state")
  end
end

function T.a_state_that_is_no_run_tells_what_it_had_all_the_same()
  local state = { Traits = { { Name = "BoonOfTheNextPatch" } } }
  local none, code, message, rest = payload.read({ gameState = state }, lists)
  equal({ none, code, message }, { nil, "nothing", "no weapon trait" })
  equal(rest.unknown[1].Name, "BoonOfTheNextPatch")
end

function T.whatever_a_person_has_at_hand()
  local strings = '{"boonData":"Common;;ZeusWeaponBoon"}'
  for _, text in ipairs { strings, '{"argusToken":"x","runData":' .. strings .. "}" } do
    equal(payload.read_any(text, lists).strings.boonData, "Common;;ZeusWeaponBoon")
  end
  for _, text in ipairs {
    '{"gameState":{"Traits":[{"Name":"BaseStaffAspect","Slot":"Aspect"}]}}',
    '{"Traits":[{"Name":"BaseStaffAspect","Slot":"Aspect"}]}',
    "return { Traits = { { Name = 'BaseStaffAspect', Slot = 'Aspect' } } }",
    "CurrentRun = { Hero = { Traits = { { Name = 'BaseStaffAspect', Slot = 'Aspect' } } } }",
  } do
    equal(payload.read_any(text, lists).strings.weaponData, "Common;;BaseStaffAspect", text)
  end
  local none, code, message = payload.read_any("hello?", lists)
  equal({ none, code }, { nil, "unreadable" })
  assert(message:find "JSON" and message:find "Lua table", message)
end

return T
