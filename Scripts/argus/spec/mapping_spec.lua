-- What a mapping file may say, and how it is told what is wrong with it.

local bounds = require "bounds"
local equal = require("lib.testing").equal
local json = require("nightjar").json
local mapping = require "mapping"
local places = require "mapping.places"
local small = require "spec.kit.small_mapping"

local T = {}

-- The problems of the small mapping with one change.
local function problems(change)
  local changed = small()
  change(changed)
  local result, texts = mapping.check(changed)
  assert(result == nil, "it was accepted")
  return texts
end

function T.a_sound_mapping_is_copied()
  local original = small()
  local checked = assert(mapping.check(original))
  equal(checked, original)
  assert(checked.boons ~= original.boons and checked.weapons.DaggerBlockAspect ~= original.weapons.DaggerBlockAspect)
end

function T.fields_that_nobody_knows_are_kept()
  local changed = small()
  changed.weapons.BaseStaffAspect.extra = { a = { 1, 2 } }
  changed.layout = { rows = 5 }
  local checked = assert(mapping.check(changed))
  equal(checked.weapons.BaseStaffAspect.extra, { a = { 1, 2 } })
  equal(checked.layout, { rows = 5 })
end

function T.null_is_no_value()
  local changed = small()
  changed.boons.BoltBoon.slot = json.null
  equal(assert(mapping.check(changed)).boons.BoltBoon.slot, nil)
  changed.boons.BoltBoon.name = json.null
  local _, texts = mapping.check(changed)
  equal(texts, { 'boons.BoltBoon lacks "name"' })
end

function T.every_problem_has_its_path()
  for expected, change in pairs {
    ['the mapping lacks "vows"'] = function(all) all.vows = nil end,
    ["boons must be an object of entries by code name"] = function(all) all.boons = 7 end,
    ['boons.BoltBoon must be an object; it is "x"'] = function(all) all.boons.BoltBoon = "x" end,
    ['boons.BoltBoon lacks "name"'] = function(all) all.boons.BoltBoon.name = nil end,
    ["boons.BoltBoon.name must be a text; it is 7"] = function(all) all.boons.BoltBoon.name = 7 end,
    ['boons.BoltBoon lacks "description", or for a hammer "common" and "legendary"'] =
      function(all) all.boons.BoltBoon.description = nil end,
    ['boons.BoltBoon.slot must be Weapon, Special, Cast, Sprint or Mana; it is "weapon"'] =
      function(all) all.boons.BoltBoon.slot = "weapon" end,
    ["boons.BoltBoon.gods has 0 elements; it must have 1 to 200"] = function(all) all.boons.BoltBoon.gods = {} end,
    ["boons.BoltBoon.effects[1].common must be a text; it is true"] =
      function(all) all.boons.BoltBoon.effects[1].common = true end,
    ['boons.BoltBoon.effects[1] lacks "text"'] = function(all) all.boons.BoltBoon.effects[1].text = nil end,
    ['boons.PactBoon.requirements[2] lacks "items"'] = function(all) all.boons.PactBoon.requirements[2].items = nil end,
    ["boons.PactBoon.requirements[1].items[2] must be a text; it is 5"] =
      function(all) all.boons.PactBoon.requirements[1].items[2] = 5 end,
    ['boons.PactBoon.requirments is no field; did you mean "requirements"?'] = function(all)
      local pact = all.boons.PactBoon
      pact.requirments, pact.requirements = pact.requirements, nil
    end,
    ["vows.BoonSkipShrineUpgrade has 2 descriptions and 3 fears; it must have one of each for a level"] =
      function(all) all.vows.BoonSkipShrineUpgrade.fears[3] = 1 end,
    ["vows.BoonSkipShrineUpgrade.fears[2] must be a number from 0 to 1000000; it is -1"] =
      function(all) all.vows.BoonSkipShrineUpgrade.fears[2] = -1 end,
    ["arcana.CastDamageMetaUpgrade.grasp must be a number from 0 to 1000000; it is \"3\""] =
      function(all) all.arcana.CastDamageMetaUpgrade.grasp = "3" end,
    ["arcana.CastDamageMetaUpgrade.descriptions has 4 elements; it must have 5"] =
      function(all) all.arcana.CastDamageMetaUpgrade.descriptions[5] = nil end,
    ['familiars.LastStandFamiliar.effects[2] lacks "codeName"'] =
      function(all) all.familiars.LastStandFamiliar.effects[2].codeName = nil end,
    ["hexes.SpellLaserTrait.name has 5000 bytes, more than 4096"] =
      function(all) all.hexes.SpellLaserTrait.name = ("x"):rep(5000) end,
  } do
    equal(problems(change), { expected })
  end
end

function T.a_misspelt_section_is_missing_and_told()
  equal(problems(function(all) all.wepons, all.weapons = all.weapons, nil end), {
    'the mapping lacks "weapons"', 'wepons is no field; did you mean "weapons"?',
  })
end

function T.what_is_no_mapping_at_all_is_refused()
  for _, odd in ipairs { 7, "x", true, { 1, 2 }, 0 / 0 } do assert(mapping.check(odd) == nil) end
  assert(mapping.check(nil) == nil)
  assert(mapping.check {} == nil)
  local deep = {}
  local inner = deep
  for _ = 1, 300 do
    inner.a = {}
    inner = inner.a
  end
  local changed = small()
  changed.weapons.BaseStaffAspect.deep = deep
  assert(mapping.check(changed) == nil)
end

function T.problems_are_told_up_to_a_bound()
  local all = problems(function(changed)
    for i = 1, 100 do changed.boons["Boon" .. i] = {} end
  end)
  equal(#all, bounds.problems)
end

local TEXT = [[
{
  "boons": {
    "ABoon": { "gods": ["Zeus"], "name": "A \"quoted\" }", "description": "x",
      "effects": [ { "text": "a", "common": 1 },
                   { "common": [] } ] },
    "BBoon": { "name": "B", "description": 7 }
  },
  "weapons": {}, "familiars": {}, "keepsakes": {}, "hexes": {}, "vows": {},
  "arcana": { "boons": 7 }
}
]]

function T.a_file_with_problems_is_refused_with_their_lines()
  local result, message = mapping.read(TEXT)
  equal(result, nil)
  equal(message, table.concat({
    'line 5: boons.ABoon.effects[2] lacks "text"',
    "line 5: boons.ABoon.effects[2].common must be a text; it is a table",
    "line 6: boons.BBoon.description must be a text; it is 7",
    "line 9: arcana.boons must be an object; it is 7",
  }, "\n"))
end

function T.a_file_that_is_no_json_is_refused_with_its_line()
  local result, message = mapping.read '{\n  "boons": {\n    "A": x\n'
  equal(result, nil)
  assert(message:find "^line 3: no JSON: ", message)
  for _, odd in ipairs { "", " ", "7", "null", "[]", '"x"', "{}", "\255" } do
    local none, why = mapping.read(odd)
    assert(none == nil and type(why) == "string", odd)
  end
  result, message = mapping.read((" "):rep(bounds.mapping_bytes + 1))
  equal(result, nil)
  equal(message, "the file has 1048577 bytes, more than 1048576")
end

function T.a_sound_file_is_read_with_or_without_a_byte_order_mark()
  local text = json.encode(small())
  equal(assert(mapping.read(text)), small())
  equal(assert(mapping.read("\xEF\xBB\xBF" .. text)), small())
end

function T.a_path_leads_to_its_byte()
  local text = '{"a":[1, {"b" : "x, }", "c":[[], 25, "y"]}],"d":{}, "e\\u0066": -1}'
  for path, expected in pairs {
    ["a"] = '"a"', ["a 1"] = "1,", ["a 2"] = '{"b"', ["a 2 b"] = '"b"', ["a 2 c 2"] = "25", ["a 2 c 3"] = '"y"',
    ["d"] = '"d"', ["ef"] = '"e\\u0066"',
    -- What is not there leads to what is.
    ["a 2 missing"] = '{"b"', ["a 9"] = '"a"', ["missing x"] = "{",
  } do
    local steps = {}
    for step in path:gmatch "%S+" do steps[#steps + 1] = tonumber(step) or step end
    local at = places.find(text, steps)
    equal(text:sub(at, at + #expected - 1), expected, path)
  end
end

return T
