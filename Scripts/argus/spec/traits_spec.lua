-- traits.lua, and what becomes of slips in it.

local equal = require("lib.testing").equal
local lists = require "lists"
local traits = require "traits"

local T = {}

-- Lists that are sound, and as short as they may be.
local function small()
  return {
    slots = { weapon = "Aspect", familiar = "Familiar", extras = { "Keepsake" } },
    chaos = { start = "Chaos", blessing = "Blessing", curse = "Curse" },
    state_suffixes = {}, gods = { Zeus = { "ZeusBoon" } },
    characters = { Hades = { boons = { "HadesBoon" }, extras = { "HadesExtra" } } },
    always_common = { Arachne = { "Costume" } },
    familiars = { CatFamiliar = { shown = { "CatFamiliar", "CatBonus" }, damage = "CatDamage" } },
    arcana = { { v2 = "CardTwo", v1 = "CardOne" } }, vows = { { name = "PainVow", max = 3 } },
    ignored = {}, hammers = {}, weapons = {}, keepsakes = {}, hexes = {},
  }
end

-- What is said about lists with one change.
local function refused(change)
  local changed = small()
  change(changed)
  local fine, problem = pcall(lists.check, changed)
  assert(not fine, "it was accepted")
  return problem
end

function T.the_lists_of_the_game_are_complete()
  local counts = {
    Aphrodite = 14, Apollo = 16, Ares = 22, Demeter = 16, Hephaestus = 21, Hera = 20, Hestia = 19, Poseidon = 18,
    Zeus = 18, Artemis = 9, Dionysus = 8, Hermes = 13,
  }
  local sum = 0
  for god, list in pairs(traits.gods) do
    equal(#list, counts[god], god)
    sum = sum + #list
  end
  equal(sum, 194)
  equal({ #traits.hammers, #traits.arcana, #traits.vows, #traits.weapons, #traits.keepsakes, #traits.hexes },
    { 92, 25, 17, 30, 33, 9 })
  local characters = { Hades = { 5, 3 }, Icarus = { 5, 3 }, Medea = { 7, 1 }, Circe = { 8, 1 }, Athena = { 5, 3 } }
  for who, character in pairs(traits.characters) do
    equal({ #character.boons, #character.extras }, characters[who], who)
  end
  equal(#traits.always_common.Arachne, 8)
end

function T.a_misspelt_group_is_told_with_the_one_that_was_meant()
  equal(refused(function(all) all.godz = {} end),
    'traits.lua: the file has no group "godz"; did you mean "gods"?')
  equal(refused(function(all) all.characters.Hades.extra = {} end),
    'traits.lua: characters.Hades has no group "extra"; did you mean "extras"?')
  equal(refused(function(all) all.familiars.CatFamiliar.damag = "CatDamage" end),
    'traits.lua: familiars.CatFamiliar has no group "damag"; did you mean "damage"?')
  equal(refused(function(all) all.arcana[1].v3 = "X" end),
    'traits.lua: arcana[1] has no group "v3"; did you mean "v2"?')
end

function T.a_missing_group_is_told()
  equal(refused(function(all) all.hexes = nil end), 'traits.lua: the file lacks the group "hexes"')
  equal(refused(function(all) all.vows[1].max = nil end), 'traits.lua: vows[1] lacks the group "max"')
end

function T.a_name_belongs_to_one_list()
  local problem = refused(function(all) all.ignored = { "ZeusBoon" } end)
  equal(problem, 'traits.lua: ignored has "ZeusBoon", which is in gods.Zeus as well; a trait belongs to one list')
end

function T.what_is_no_list_of_names_is_told()
  for where, change in pairs {
    ["gods.Zeus[2] must be a code name"] = function(all) all.gods.Zeus[2] = "Zeus Boon" end,
    ["gods.Zeus[1] must be a code name"] = function(all) all.gods.Zeus = { 7 } end,
    ["gods.Zeus must be a list"] = function(all) all.gods.Zeus = "ZeusBoon" end,
    ["gods.Zeus must be a plain list; Boon is"] = function(all) all.gods.Zeus.Boon = true end,
    ["gods.Zeus has a gap"] = function(all) all.gods.Zeus[3] = "LateBoon" end,
    ["gods has an element without a name"] = function(all) all.gods[1] = {} end,
    ["gods must be a table"] = function(all) all.gods = "Zeus" end,
    ["familiars.CatFamiliar.shown must name two traits"] = function(all) all.familiars.CatFamiliar.shown[3] = "X" end,
    ["vows[1].max must be the highest level"] = function(all) all.vows[1].max = 0 end,
  } do
    local problem = refused(change)
    assert(problem:find("traits.lua: " .. where, 1, true), problem)
  end
end

return T
