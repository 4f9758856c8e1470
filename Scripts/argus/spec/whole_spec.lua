-- The parts put together: from a payload to overlays and commands.

local nightjar = require "nightjar"
local commands = require "commands"
local core = require "core"
local equal = require("lib.testing").equal
local game_lists = require "spec.kit.game_lists"
local in_use = require "in_use"
local limits = require "limits"
local maps = require "maps"
local news = require "news"
local output = require "output"
local recorder = require "recorder"
local small = require "spec.kit.small_mapping"
local stand = require "spec.kit.stand"

local T = {}

-- Lists and mapping of the specs: those in use may have other names, and be right all the same.
local SMALL = nightjar.json.encode(small())
in_use.lists = game_lists()
assert(maps.use(SMALL))

local STRINGS = '{"boonData":"Common;;ZeusWeaponBoon Rare;;NoSuchBoon","weaponData":"Rare;;DaggerBlockAspect"}'

function T.a_run_becomes_the_json_that_viewers_show()
  local answer = commands.parse { text = STRINGS }
  local json = nightjar.json.decode(answer.output)
  equal({ json.boonData.weaponBoon.codeName, json.totalRunItems }, { "ZeusWeaponBoon", "2" })
  assert(table.concat(answer.warnings, "\n"):find "NoSuchBoon")
end

function T.without_anything_the_json_is_exactly_this()
  local wanted = '{"boonData":{},"weaponData":{},"familiarData":{},"extraData":[],"elementalData":[],'
    .. '"pinData":[],"vowData":{},"arcanaData":{},"totalRunItems":"0"}'
  equal(commands.parse({ text = '{"runData":{}}' }).output, nightjar.json.encode(
    nightjar.json.decode(wanted), { sort = true }))
end

function T.the_same_run_is_the_same_text()
  local first, second = commands.parse { text = STRINGS }, commands.parse { text = STRINGS }
  equal(first.output, second.output)
end

function T.parts_have_a_number_that_nobody_had_before()
  local text = output.make({ boonData = "NOBOONS" }, "4711").text
  local first, second = output.parts(text), output.parts(text)
  equal(#first, 1)
  local nonce, rest = first[1]:match "^%*(%d+)%*0%*1%*(.*)$"
  equal(rest, text)
  assert(tonumber(nonce) <= 0xFFFFFFFF and first[1] ~= second[1])
end

function T.what_cannot_be_read_is_told()
  local answer = commands.parse { text = "hello?" }
  equal(answer.ok, false)
  answer = commands.parse { text = '{"gameState":{"Traits":[{"Name":"BoonOfTheNextPatch"}]}}' }
  equal(answer.lines, { "no weapon trait", "no list knows BoonOfTheNextPatch" })
end

function T.unknown_traits_are_collected()
  local request = stand.request { headers = { accept = "application/json" } }
  local _, code = core.intake.options.strings:read { gameState = { Traits = { { Name = "BoonOfTheNextPatch" } } } }
  equal(code, "nothing")
  local list = news.get(core.unknown, request).json.unknown
  equal({ #list, list[1].name, list[1].count }, { 1, "BoonOfTheNextPatch", 1 })
  assert(news.page(list):find("BoonOfTheNextPatch", 1, true))
  assert(commands.unknown().lines[2]:find("BoonOfTheNextPatch", 1, true))
  assert(news.page({}):find "No unknown trait")
end

function T.a_foreign_text_on_the_page_is_text()
  local page = news.page { {
    name = "<script>x</script>", count = 1, first = 0, last = 0, example = { Name = "<b>", Slot = "\"'&" },
  } }
  assert(not page:find("<script>", 1, true) and not page:find("<b>", 1, true))
end

function T.why_a_trait_is_what_it_is()
  local explained = news.get_explained(maps.mapping, stand.request { query = { trait = "ZeusWeaponBoon" } }).json
  equal({ explained.trait, explained.target, explained.item }, { "ZeusWeaponBoon", "boons", "Common;;ZeusWeaponBoon" })
  equal(news.get_explained(maps.mapping, stand.request {}).status, 400)
  local query = { trait = "X", version = "3" }
  equal(news.get_explained(maps.mapping, stand.request { query = query }).status, 400)
end

function T.a_broken_mapping_is_refused_unless_the_server_starts_with_it()
  local kept, told = {}, {}
  local state = {
    get = function(key) return kept[key] end, set = function(key, value) kept[key] = value end,
  }
  local function tell(problem) told[#told + 1] = problem end
  maps.accept(nil, nil, state, tell)
  -- The one before stays in use, and what else was saved goes live.
  local text, etag = maps.text, maps.etag
  maps.mapping, maps.text, maps.etag = {}, "another", "another"
  maps.accept("line 3: x", "tag1", state, tell)
  equal({ told, maps.text == text, maps.etag }, { { "line 3: x" }, true, etag })
  assert(maps.mapping.boons.ZeusWeaponBoon)
  kept, told = {}, {}
  maps.accept("line 3: x", "tag1", state, tell)
  equal(told, { "line 3: x" })
  -- What it started with does not stand in the way of other changes; another broken one does.
  maps.accept("line 3: x", "tag1", state, tell)
  equal(told, { "line 3: x" })
  maps.accept("line 4: y", "tag2", state, tell)
  equal(told, { "line 3: x", "line 4: y" })
  maps.accept(nil, nil, state, tell)
  maps.accept("line 3: x", "tag1", state, tell)
  equal(#told, 3)
end

function T.a_mapping_is_checked_before_it_is_used()
  local answer = commands.mapping_check { text = SMALL }
  assert(answer.ok and answer.lines[1]:find "^18 boons, 2 weapons, 1 familiars", answer.lines[1])
  answer = commands.mapping_check { text = '{\n"boons": {\n}' }
  equal(answer.ok, false)
  assert(answer.lines[1]:find "line", answer.lines[1])
end

function T.the_mapping_in_use_has_a_tag()
  local answer = maps.get(stand.request {})
  equal({ answer.status, answer.headers.etag }, { 200, maps.etag })
  equal(maps.get(stand.request { headers = { ["if-none-match"] = maps.etag } }).status, 304)
end

function T.a_recording_has_no_token_in_it()
  local first = recorder.piece()
  local body = { argusToken = "9f3c51d2a04be677", argusProtocolVersion = "2", runData = { boonData = "NOBOONS" } }
  core.tap("4711", nightjar.json.encode(body), body)
  core.tap(nil, '{"argusToken":"9f3c51d2a04be677","runData":')
  core.tap(nil, '{"argusToken":"9f3c51d2a04be677\xff"')
  local piece = recorder.piece(first.next)
  recorder.stop()
  equal(#piece.lines, 3)
  local all = table.concat(piece.lines, "\n")
  assert(not all:find "9f3c51d2" and not all:find(nightjar.crypto.hex "9f3c51d2", 1, true), all)
  local line = nightjar.json.decode(piece.lines[1])
  equal({ line.channel, line.message }, { "4711", { argusProtocolVersion = "2", runData = { boonData = "NOBOONS" } } })
  equal(body.argusToken, "9f3c51d2a04be677", "the payload itself is left alone")
  core.tap = nil
  first = recorder.piece()
  body.argus_token, body.runData.boonData = body.argusToken, body.argusToken
  body.gameState = "{ t = '9f3c51d2a04be677' }"
  core.tap("4711", nightjar.json.encode(body), body)
  all = table.concat(recorder.piece(first.next).lines, "\n")
  recorder.stop()
  assert(all:find("********", 1, true) and not all:find "9f3c51d2", all)
  equal(commands.parse({ text = piece.lines[1] }).ok, true)
  equal(commands.parse({ text = piece.lines[2] }).ok, false)
  equal(core.tap, nil)
end

function T.who_does_not_fetch_records_no_more()
  recorder.piece()
  local kept = recorder.OPTIONS.patience_ms
  recorder.OPTIONS.patience_ms = -1
  core.tap("4711", "{}", {})
  recorder.OPTIONS.patience_ms = kept
  equal(core.tap, nil)
end

function T.what_is_no_line_of_a_recording()
  for line, problem in pairs {
    ["7"] = "is no JSON object", ['{"at":5}'] = "has none of message, text and hex",
    ['{"at":5,"text":7}'] = "has none of",
  } do
    local entry, said = recorder.read(line)
    assert(entry == nil and said:find(problem, 1, true), said)
  end
  assert(recorder.is_line '{"at":5,"text":"x"}' and not recorder.is_line(STRINGS))
end

function T.every_bound_is_a_number_above_zero()
  for name, limit in pairs(limits) do assert(type(limit) == "number" and limit > 0, name) end
end

return T
