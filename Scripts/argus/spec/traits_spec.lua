-- What becomes of slips in traits.lua. Which names it has is no business of specs: they run before every load, and a
-- modder's edit would be refused for being one. Tests/BrowserTests/argus_units.mjs looks whether the game is complete.

local equal = require("lib.testing").equal
local lists = require "lists"

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
  local fine, problem = pcall(lists.check, changed, "")
  assert(not fine, "it was accepted")
  return (tostring(problem):gsub("^Scripts/argus/traits%.lua:1: ", "traits.lua: "))
end

function T.a_slip_is_told_with_its_line()
  local text = 'local lists = require "lists"\n-- gods = {}\nreturn lists.check {\n  gods = {\n    Zeus = {\n'
    .. '      "ZeusBoon",\n      "Zeus Boon",\n    },\n  },\n  godds = {},\n  ignored = { "ZeusBoon" },\n}\n'
  for line, change in pairs {
    [3] = function(all) all.hexes = nil end,
    [5] = function(all) all.gods.Zeus.x = 1 end,
    [7] = function(all) all.gods.Zeus[2] = "Zeus Boon" end,
    [10] = function(all) all.godds = {} end,
    [11] = function(all) all.ignored = { "ZeusBoon" } end,
  } do
    local changed = small()
    change(changed)
    local _, problem = pcall(lists.check, changed, text)
    problem = tostring(problem)
    assert(problem:find(("Scripts/argus/traits.lua:%d: "):format(line), 1, true) == 1, problem)
  end
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
