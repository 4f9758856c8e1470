-- Made-up runs, and what must hold for every run: it is parsed, its totals add up, its parts are whole.

local equal = require("lib.testing").equal
local generate = require "spec.kit.generate"
local json = require("nightjar").json
local lists = require("spec.kit.game_lists")()
local mapping = require "mapping"
local parse = require "parse"
local random = require("lib.testing").random
local split = require "split"

local T = {}

-- A mapping with an entry for every name that a made-up run may have.
local SLOTS = { Weapon = true, Special = true, Cast = true, Sprint = true, Mana = true }

local function whole_mapping()
  local texts = { "off", "1", "2", "3", "4" }
  local all = { boons = {}, weapons = {}, familiars = {}, keepsakes = {}, hexes = {}, vows = {}, arcana = {} }
  local function boons(names, god)
    for i, name in ipairs(names) do
      local slot = name:match "^Zeus(%a+)Boon$"
      all.boons[name] = {
        name = name, gods = { god }, description = "<b>漢</b> é 😀 " .. name, slot = SLOTS[slot] and slot or nil,
        effects = i % 2 == 0 and { { text = "A:", common = "1", rare = "2" } } or nil,
      }
    end
  end
  for god, names in pairs(lists.gods) do boons(names, god) end
  for who, character in pairs(lists.characters) do boons(character.boons, who) end
  for who, names in pairs(lists.always_common) do boons(names, who) end
  for _, name in ipairs(lists.hammers) do all.boons[name] = { name = name, gods = { "Hammer" }, common = "x" } end
  for _, name in ipairs(lists.weapons) do all.weapons[name] = { name = name, description = "x" } end
  for _, name in ipairs(lists.keepsakes) do all.keepsakes[name] = { name = name, common = "x" } end
  for name, family in pairs(lists.familiars) do
    local effects = {}
    for i, trait in ipairs(family.shown) do effects[i] = { codeName = trait, text = "A", ["1"] = "x" } end
    all.familiars[name] = { name = name, description = "x", effects = effects }
  end
  for i, vow in ipairs(lists.vows) do
    local entry = { name = vow.name, descriptions = {}, fears = {} }
    for level = 0, vow.max do entry.descriptions[level + 1], entry.fears[level + 1] = "x", level * i end
    all.vows[vow.name] = entry
  end
  for i, card in ipairs(lists.arcana) do all.arcana[card.v2] = { name = card.v2, grasp = i, descriptions = texts } end
  local checked, problems = mapping.check(all)
  return assert(checked, problems and table.concat(problems, "\n"))
end

local known = whole_mapping()

local function generator(seed)
  local numbers = random(seed)
  return function(lowest, highest) return numbers:integer(lowest, highest) end
end

-- How many items a string has.
local function count(text, nothing)
  if text == nothing then return 0 end
  local _, blanks = text:gsub(" ", " ")
  return blanks + 1
end

function T.every_made_up_run_becomes_what_viewers_get()
  local integer = generator(11)
  for round = 1, 12 do
    local run = generate(lists, integer, round % 2 == 0 and "1" or "2")
    local output, warnings = parse.output(run, known, lists)
    equal(warnings, {})
    equal(output.boonData.totalBoons or 0, count(run.boonData, "NOBOONS"))
    equal(tostring(count(run.boonData, "NOBOONS") + 1 + count(run.extraData, "NOEXTRAS")
      + (run.familiarData == "NOFAMILIARS" and 0 or 1)), output.totalRunItems)
    local slots, fear, grasp = 0, 0, 0
    for name in pairs(output.boonData) do
      if name ~= "otherBoons" and name ~= "totalBoons" then slots = slots + 1 end
    end
    assert(slots + #(output.boonData.otherBoons or {}) <= (output.boonData.totalBoons or 0))
    for level, name in run.vowData:gmatch "(%d+);;([^ ]+)" do
      fear = fear + known.vows[name].fears[tonumber(level) + 1]
    end
    equal(output.vowData.totalFear or 0, fear)
    for _, card in ipairs(output.arcanaData.arcanaList or {}) do grasp = grasp + known.arcana[card.codeName].grasp end
    equal(output.arcanaData.totalGrasp or 0, grasp)
    equal(#(output.arcanaData.arcanaList or {}), count(run.arcanaData, "NOARCANA"))
    assert(#output.pinData <= 3 and #output.elementalData == 5)

    local text = assert(json.encode(output))
    local pieces = {}
    for i, part in ipairs(assert(split.parts(text, round))) do
      assert(#part <= 5120)
      pieces[i] = part:match "^%*%d+%*%d+%*%d+%*(.*)$"
    end
    equal(table.concat(pieces), text)
  end
end

function T.every_made_up_run_keeps_to_the_protocol()
  local integer = generator(12)
  local seen = {}
  for round = 1, 60 do
    local version = round % 2 == 0 and "1" or "2"
    local run = generate(lists, integer, version)
    for _, string in ipairs(parse.STRINGS) do
      local text = run[string.name]
      assert(type(text) == "string" and text ~= "" and not text:find "  " and not text:find "^ " and not text:find " $")
      seen[string.name .. (text == string.nothing and " nothing" or " something")] = true
    end
    assert(count(run.boonData, "NOBOONS") <= 20)
    equal(count(run.extraData, "NOEXTRAS"), 1)
    if run.familiarData ~= "NOFAMILIARS" then
      local form = version == "1" and "^[^ ]+ [1-4];;[^ ]+ [1-4];;[^ ]+$"
        or "^%d+;;[^ ]+ [1-4];;[^ ]+ [1-4];;[^ ]+$"
      assert(run.familiarData:find(form), run.familiarData)
    end
    assert(run.elementalData:find "^Fire:%d+;;Air:%d+;;Earth:%d+;;Water:%d+;;Aether:%d+$")
  end
  for _, name in ipairs { "boonData", "familiarData", "pinData" } do
    assert(seen[name .. " nothing"] and seen[name .. " something"], name)
  end
  assert(not seen["weaponData nothing"] and not seen["extraData nothing"] and not seen["elementalData nothing"])
end

function T.the_same_numbers_give_the_same_run()
  equal(generate(lists, generator(5)), generate(lists, generator(5)))
end

return T
