-- Whatever a client sends, nothing raises, and what comes out can be sent on.

local bounds = require "bounds"
local classify = require "classify"
local equal = require("lib.testing").equal
local json = require("nightjar").json
local lists = require("spec.kit.game_lists")()
local mapping = require "mapping"
local parse = require "parse"
local random = require("lib.testing").random
local small = require "spec.kit.small_mapping"
local split = require "split"
local strings = require "strings"
local unknown = require "unknown"

local T = {}

local known = assert(mapping.check(small()))

local function nested(depth)
  local value = {}
  for _ = 1, depth do value = { value } end
  return value
end

-- Values that no field is meant to have.
local ODD = {
  0, -1, 3.5, 0 / 0, math.huge, -math.huge, math.mininteger, true, false, "", " ", "x", ";;", "a;;b;;c", "\0\255", "漢字",
  ("x"):rep(5000), (" "):rep(300), ("a;;b "):rep(100), json.null, {}, json.array {}, nested(200), { 1, 2, 3 },
  { Name = "ZeusManaBoon" }, { [1] = 1, x = 2 },
}

local function state()
  return {
    CurrentRun = {
      Hero = {
        Traits = {
          { Name = "BaseStaffAspect", Rarity = "Rare", Slot = "Aspect", StackNum = 1 },
          { Name = "LastStandFamiliar", Slot = "Familiar", StackNum = 2 },
          { Name = "FamiliarCatResourceBonus", StackNum = 1 },
          { Name = "ZeusManaBoon", Rarity = "Epic", IsHammerTrait = false, IsElementalTrait = false },
        },
        Elements = { Fire = 1 },
      },
    },
    GameState = {
      StoreItemPins = { { Name = "PactBoon" } }, ShrineUpgrades = { BoonSkipShrineUpgrade = 1 },
      MetaUpgradeState = { CastCount = { Equipped = true, Level = 1 } },
    },
  }
end

-- Calls `visit(holder, key)` for every place in a value.
local function places(value, visit)
  for _, key in ipairs((function()
    local keys = {}
    for key in pairs(value) do keys[#keys + 1] = key end
    return keys
  end)()) do
    if type(value[key]) == "table" then places(value[key], visit) end
    visit(value, key)
  end
end

-- What is made of a game state must be text that stands in JSON, and be parsed.
local function check(raw, version)
  local run, reason, warnings, news = strings.build(raw, lists, known, version)
  assert(type(run) == "table" or type(reason) == "string")
  assert(#warnings <= bounds.warnings + 1 and #news <= bounds.unknown_per_state)
  if run then
    for _, text in pairs(run) do assert(text:find "^[\32-\126]+$") end
    assert(json.encode((parse.output(run, known, lists))))
  end
  local book = unknown.new()
  for _, trait in ipairs(news) do unknown.note(book, trait, 1) end
  assert(json.encode(unknown.list(book)))
end

function T.any_value_in_any_place_of_a_game_state()
  local original = state()
  check(original, "2")
  local place = 0
  places(original, function(holder, key)
    local was = holder[key]
    -- A third of them in each place, and each of them in a third of the places: this runs before every load.
    place = place + 1
    for i = place % 3 + 1, #ODD, 3 do
      holder[key] = ODD[i]
      check(original, i % 2 == 0 and "1" or "2")
    end
    holder[key] = was
  end)
  for _, odd in ipairs(ODD) do check(odd, "2") end
end

function T.any_value_as_a_trait_or_a_name_of_one()
  for _, odd in ipairs(ODD) do
    assert(classify.explain(odd, lists, known).why)
    assert(classify.explain({ Name = odd, Slot = odd, Rarity = odd }, lists).why)
    classify.trait(odd, lists, classify.start())
  end
end

function T.any_value_in_any_place_of_the_run_data()
  for _, string in ipairs(parse.STRINGS) do
    for _, odd in ipairs(ODD) do
      local output, warnings = parse.output({ [string.name] = odd }, known, lists)
      assert(json.encode(output))
      assert(#warnings <= bounds.warnings + 1)
    end
  end
  for _, odd in ipairs(ODD) do assert(json.encode((parse.output(odd, known, lists)))) end
end

-- Strings made of what the protocol is made of.
function T.strings_put_together_at_random()
  local generator = random(99)
  local pieces = {
    " ", " ", ";;", ";;", ";", ":", "Common", "Rare", "Duo", "1", "2", "04", "99999999999999999999", "-1", "1.0", "1e5",
    "ZeusWeaponBoon", "PactBoon", "BoltBoon_Expired", "NewHammer", "OldHammer", "DaggerBlockAspect", "Fire", "Earth",
    "LastStandFamiliar", "BonusMoneyKeepsake", "SpellLaserTrait", "ChaosOddCurse", "AthenaBoon", "effects", "name",
    "text",
    "BoonSkipShrineUpgrade", "CastCount", "ChannelSlowMetaUpgrade", "\255", "é", "__index", "gods", "NOBOONS",
  }
  for _ = 1, 40 do
    local run = {}
    for _, string in ipairs(parse.STRINGS) do
      local text = {}
      for i = 1, generator:integer(0, 14) do text[i] = generator:pick(pieces) end
      run[string.name] = table.concat(text)
    end
    local output = parse.output(run, known, lists)
    local text = assert(json.encode(output))
    assert(split.parts(text, 1))
    local total = (output.boonData.totalBoons or 0) + #output.extraData
      + (output.weaponData.codeName and 1 or 0) + (output.familiarData.codeName and 1 or 0)
    equal(output.totalRunItems, tostring(total))
  end
end

function T.what_is_too_much_is_left_out_with_a_warning()
  -- What it takes to be too much is less here: a load does not wait for thousands.
  local kept = { traits = bounds.traits, entries = bounds.entries }
  bounds.traits, bounds.entries = 100, 50
  local traits = { { Name = "BaseStaffAspect", Slot = "Aspect" } }
  for i = 2, bounds.traits + 50 do traits[i] = { Name = "ZeusManaBoon" } end
  local run, _, warnings = strings.build({ Traits = traits }, lists)
  equal(#run.boonData, (bounds.traits - 1) * #"Common;;ZeusManaBoon " - 1)
  equal(warnings, { "only 100 of 150 traits are looked at" })
  local output, told = parse.output({ boonData = ("Common;;BoltBoon "):rep(2000) }, known, lists)
  equal(output.boonData.totalBoons, bounds.items)
  equal(told[#told], "boonData has more than 500 items: the others are skipped")
  output = parse.output({ boonData = ("x"):rep(bounds.string_bytes + 1) }, known, lists)
  equal(json.encode(output.boonData), "{}")
  -- Even the largest is sent at once: Twitch takes a hundred parts.
  output = parse.output({ boonData = ("Duo;;PactBoon "):rep(2000) }, known, lists)
  assert(split.count(assert(json.encode(output))) < 100)
  local vows = {}
  for i = 1, 200 do vows["Vow" .. i] = 1 end
  local _, blanks = strings.build({ Traits = traits, ShrineUpgrades = vows }, lists).vowData:gsub(" ", " ")
  equal(blanks + 1, bounds.entries)
  bounds.traits, bounds.entries = kept.traits, kept.entries
end

return T
