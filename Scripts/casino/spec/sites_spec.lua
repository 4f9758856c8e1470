local sites = require "sites"

local T = {}

-- The games of these tests.
local GAMES = {
  game = function(name)
    local known = {
      joker_bingo = { settings = { max_bet = 400, pays = { line = 6 }, strips = { 1, 2 }, wild = "w" } },
      coin_toss = { settings = { max_bet = 100 } },
      plain = { settings = {} },
      fed = { settings = { jackpot = { "a" } } },
      lucky = { settings = { jackpot = "night" } },
    }
    return known[(name:gsub("-", "_"))]
  end,
  game_names = function() return { "coin_toss", "joker_bingo", "plain" } end,
}

--- Reads a text; the site, and what was said as "line: message".
---@param is_remote? boolean a back office says it
local function read(text, is_remote)
  local mistakes, warnings = {}, {}
  local function note(list)
    return function(file, line, message)
      assert(file == "x.json")
      list[#list + 1] = line .. ": " .. message
    end
  end
  local reporter = { mistake = note(mistakes), warning = note(warnings) }
  return sites.read({ file = "x.json", text = text }, GAMES, reporter, { is_remote = is_remote or false }),
    mistakes, warnings
end

function T.a_platform_that_is_not_there_is_told()
  sites.platforms = { demo = true, facebook = true }
  local site, mistakes, warnings = read('{"id": "x",\n"platform": "facebok", "games": {}}')
  local remote, none, told = read('{"id": "x", "platform": "facebok", "games": {}}', true)
  sites.platforms = nil
  local words = 'there is no platform "facebok", there are demo, facebook; did you mean "facebook"?'
  assert(site == nil and #warnings == 0 and mistakes[1] == "2: " .. words, mistakes[1])
  -- A back office may know of platforms that this server is to get later.
  assert(remote and #none == 0 and told[1] == "1: " .. words, told[1])
end

function T.a_site_that_names_no_platform_is_for_the_front_page()
  sites.front = "club"
  local site = read('{"id": "x", "games": {}}')
  sites.front = "demo"
  assert(site.platform == "club")
end

function T.a_slip_about_jackpots_does_not_end_the_site_of_a_back_office()
  local text = [[{"id": "x", "games": {"fed": {"jackpot": ["a", "a"]}},
    "jackpots": [{"id": "a", "storage_multiplier": 1000, "min": 1, "max": 2, "rate_bp": 100}]}]]
  local site, mistakes = read(text)
  local remote, none, told = read(text, true)
  assert(site == nil and mistakes[1]:find('names the jackpot "a" twice', 1, true), mistakes[1])
  assert(remote and #none == 0 and told[1]:find('names the jackpot "a" twice', 1, true), told[1])
  assert(remote.games[1].settings.jackpot == nil, "its players play for none")
end

function T.a_game_plays_for_a_jackpot_or_a_list_of_them()
  for _, names in ipairs { '"a"', '["a","night"]', "[]", '""' } do
    local text = '{"id":"x","games":{"lucky":{"jackpot":' .. names
      .. '}},"jackpots":[{"id":"a"},{"id":"night"}]}'
    for _, is_remote in ipairs { false, true } do
      local site, mistakes, warnings = read(text, is_remote)
      assert(site and #warnings == 0, names .. " → " .. (mistakes[1] or warnings[1] or ""))
    end
  end
  for _, names in ipairs { "7", "null", "[7]", '{"a":1}' } do
    local site, _, warnings = read('{"id":"x","games":{"lucky":{\n"jackpot":' .. names .. "}}}")
    assert(site and #warnings == 1, names)
    assert(warnings[1]:find("^2: .*must be the id of a jackpot, or a list of ids"), warnings[1])
  end
end

function T.a_jackpot_that_a_site_names_must_be_there()
  local text = '{"id":"x","games":{"lucky":{\n"jackpot":"nihgt"}},"jackpots":[{"id":"night"}]}'
  local site, mistakes = read(text)
  local words = 'the game "lucky" names the jackpot "nihgt", which the site does not have; '
    .. 'did you mean "night"?'
  assert(site == nil and mistakes[1] == "2: " .. words, mistakes[1])
  -- Its players play for no jackpot: no reason to end the site of a back office.
  local remote, none, warnings = read(text, true)
  assert(remote and #none == 0 and warnings[1] == "2: " .. words, warnings[1])
  -- What only the manifest names may be missing.
  local plain, wrong = read('{"id":"x","games":{"lucky":{}}}')
  assert(plain and #wrong == 0, wrong[1])
end

function T.an_id_of_a_jackpot_or_a_level_is_a_plain_name()
  local longest = ("x"):rep(64)
  local good = { "a", "jp_joker-bingo.2", longest }
  local bad = { "", "a/b", "a b", "a\\u0000", "é", longest .. "x", ("x"):rep(5000) }
  local forms = {
    '{"id":"x","games":{},"jackpots":[\n{"id":"%s"}]}',
    '{"id":"x","games":{},"jackpots":[{"id":"a","levels":[\n{"id":"%s"}]}]}',
  }
  for _, form in ipairs(forms) do
    for _, id in ipairs(good) do
      local site, mistakes = read(form:format(id))
      assert(site, mistakes[1])
    end
    for _, id in ipairs(bad) do
      local site, mistakes = read(form:format(id))
      assert(site == nil, "taken: " .. id)
      assert(mistakes[1]:find('^2: "id" must be 1 to 64 letters, digits'), mistakes[1])
    end
  end
end

function T.a_whole_site_is_read()
  local site, mistakes, warnings = read([[{
    "id": "demo", "platform": "demo", "url": "http://localhost", "denom": "usd", "initial_credits": 5,
    "manual_credits": false,
    "games": {"joker-bingo": {"max_bet": 200}, "coin_toss": {}},
    "jackpots": [{"id": "jp", "denom": "USD", "storage_multiplier": 1000, "min": 1, "max": 2, "rate_bp": 100}]
  }]])
  assert(site and #mistakes == 0 and #warnings == 0, mistakes[1] or warnings[1])
  assert(site.id == "demo" and site.denomination.rgs_id == "USD" and site.initial_credits == 5)
  assert(site.manual_credits == false and site.url == "http://localhost")
  assert(#site.games == 2 and site.games[1].id == "joker-bingo" and site.games[2].id == "coin_toss")
  assert(site.games[1].settings.max_bet == 200)
end

function T.jackpots_are_completed_level_by_level()
  local site, mistakes = read([[{"id": "a", "games": {}, "jackpots": [
    {"id": "one", "min": 1000, "max": 9000},
    {"id": "night", "qualifying_bet": 4, "levels": [
      {"id": "mini", "rate_bp": 50, "trigger": {"one_in": 500}},
      {"id": "grand", "hidden_rate_bp": 5, "qualifying_bet": 8, "max": 9000, "trigger": {"must_hit_by": 9000}}
    ]}]}]])
  assert(site, mistakes[1])
  local one, night = site.jackpots[1], site.jackpots[2]
  assert(#one.levels == 1 and one.levels[1].id == "one" and one.levels[1].on == "")
  assert(one.levels[1].rate_bp == 100 and one.levels[1].storage_multiplier == 1000)
  local mini, grand = night.levels[1], night.levels[2]
  assert(mini.id == "night/mini" and mini.level == "mini" and mini.one_in == 500)
  assert(mini.qualifying_bet == 4 and grand.qualifying_bet == 8)
  assert(grand.must_hit_by == 9000 and grand.on == nil and grand.hidden_rate_bp == 5)
end

function T.defaults_are_those_of_the_protocol()
  local site = read('{"id":"a","games":{}}')
  assert(site.initial_credits == 1000 and site.denomination.name == "credit")
  assert(site.manual_credits == true and site.platform == "demo")
end

function T.a_cap_is_of_the_site_and_may_be_added_to_any_of_its_games()
  local text = '{"id":"a","max_win":500,"games":{"plain":{"max_win":9,"modes":{"base":{}}}}}'
  local site, mistakes, warnings = read(text)
  assert(site and #mistakes == 0 and #warnings == 0, mistakes[1] or warnings[1])
  assert(site.max_win == 500 and site.games[1].settings.max_win == 9)
end

function T.mistakes_are_named_with_their_line()
  local long = ("x"):rep(257)
  for _, case in ipairs {
    { '{\n"id":"a",\n"games":{},}', 3, "not a JSON object" }, { "[]", 1, "not a JSON object" },
    { "", 1, "not a JSON object" }, { "7", 1, "not a JSON object" },
    { '{"games":{}}', 1, '"id"' }, { '{"id":"","games":{}}', 1, '"id"' },
    { '{"id":"' .. long .. '","games":{}}', 1, "up to 256 bytes" },
    { '{"id":"a"}', 1, '"games"' },
    { '{"id":"a",\n"games":{},\n"gmaes":1}', 3, 'unknown key "gmaes"; did you mean "games"?' },
    { '{"id":"a",\n"games":[]}', 2, '"games" must be' },
    { '{"id":"a","games":{},\n"max_win":0}', 2, '"max_win" must be a whole number of at least 1' },
    { '{"id":"a","games":{\n"plain":1}}', 2, '"plain"' },
    { '{"id":"a","games":{"joker_bingo":{},\n"joker-bingo":{}}}', 2, "twice" },
    { '{"id":"a","games":{},\n"denom":"yen"}', 2, "yen" },
    { '{"id":"a","games":{},\n"denom":"used"}', 2, 'did you mean "usd"?' },
    { '{"id":"a","games":{},\n"initial_credits":-1}', 2, "initial_credits" },
    { '{"id":"a","games":{},\n"initial_credits":1.5}', 2, "initial_credits" },
    { '{"id":"a","games":{},\n"initial_credits":9000000000000001}', 2, "from 0 to 9000000000000000" },
    { '{"id":"a","games":{},\n"initial_credits":99999999999999999999}', 2, "initial_credits" },
    { '{"id":"a","games":{},\n"manual_credits":1}', 2, "manual_credits" },
    { '{"id":"a","games":{},\n"title":""}', 2, "not empty" },
    { '{"id":"a","games":{},\n"games":{}}', 2, "given twice" },
    { '{"id":"a","games":{},"jackpots":[\n{"id":"j"},\n{"id":"j"}]}', 3, "listed twice" },
    { '{"id":"a","games":{},"jackpots":[{"id":"j",\n"min":3,"max":2}]}', 1, "above" },
    { '{"id":"a","games":{},"jackpots":[{"id":"j",\n"rate_bp":10001}]}', 2, "from 0 to 10000" },
    { '{"id":"a","games":{},"jackpots":[\n{"id":"j","denom":"USD"}]}', 2, "the site plays in CRE" },
    { '{"id":"a","games":{},"jackpots":[{"id":"j",\n"levels":[]}]}', 2, "1 to 16 levels" },
    { '{"id":"a","games":{},"jackpots":[{"id":"j","levels":[{"id":"m"},\n{"id":"m"}]}]}', 2, "twice" },
    { '{"id":"a","games":{},"jackpots":[{"id":"j","levels":[\n{"rate":1,"id":"m"}]}]}', 2, "rate_bp" },
    { '{"id":"a","games":{},"jackpots":[{"id":"j",\n"trigger":{"one_in":5,"on":"x"}}]}', 2, "one of" },
    { '{"id":"a","games":{},"jackpots":[{"id":"j",\n"trigger":{"one_in":0}}]}', 2, "at least 1" },
    { '{"id":"a","games":{},"jackpots":[\n{"id":"j","min":5000,"trigger":{"must_hit_by":6000}}]}', 2, "from 6001" },
    { '{"id":"a","games":{},\n"jackpots":[7]}', 2, "must be an object" },
    { '{"id":"a","games":{},\n"jackpots":[{}]}', 2, '"id" is missing' },
    { '{"id":"a","games":{},\n"jackpots":{}}', 2, "must be an array" },
    { '{"id":"a","ga\\u006des":{},\n"games":{}}', 2, "given twice" },
  } do
    local site, mistakes = read(case[1])
    assert(site == nil, "taken: " .. case[1])
    local first = mistakes[1] or ""
    assert(first:match("^(%d+): ") == tostring(case[2]), case[1] .. " → " .. first)
    assert(first:find(case[3], 1, true), case[1] .. " → " .. first)
  end
end

function T.what_is_odd_is_a_warning_and_the_site_is_taken()
  for _, case in ipairs {
    { '{"id":"a","games":{\n"jocker_bingo":{}}}', 2, 'did you mean "joker_bingo"?' },
    { '{"id":"a","games":{"poker":{}}}', 1, "known are coin_toss, joker_bingo, plain" },
    { '{"id":"a","games":{"joker_bingo":{\n"maxbet":1}}}', 2, 'did you mean "max_bet"?' },
    { '{"id":"a","games":{"plain":{\n"max_bet":1}}}', 2, "it has none" },
    { '{"id":"a","games":{"joker_bingo":{\n"max_bet":"1"}}}', 2, "of type string" },
    { '{"id":"a","games":{"joker_bingo":{\n"max_bet":1.5}}}', 2, "whole number" },
    { '{"id":"a","games":{"joker_bingo":{\n"pays":7}}}', 2, "of type number, in the manifest of type object" },
    { '{"id":"a","games":{"joker_bingo":{\n"wild":null}}}', 2, "of type null" },
  } do
    local site, mistakes, warnings = read(case[1])
    assert(site and #mistakes == 0, mistakes[1])
    local first = warnings[1] or ""
    assert(#warnings == 1 and first:match("^(%d+): ") == tostring(case[2]), case[1] .. " → " .. first)
    assert(first:find(case[3], 1, true), case[1] .. " → " .. first)
  end
end

function T.settings_of_the_right_kind_are_not_odd()
  local _, _, warnings = read(
    '{"id":"a","games":{"joker_bingo":{"max_bet":7,"pays":{},"strips":[],"wild":"x"}}}')
  assert(#warnings == 0, warnings[1])
end

function T.a_site_in_two_files_is_a_mistake()
  local said = {}
  local files = {
    { file = "a.json", text = '{"id":"a","initial_credits":1,"games":{}}' },
    { file = "b.json", text = '{"id":"a","initial_credits":2,"games":{}}' },
    { file = "c.json", text = '{"id":"c","games":{}}' },
  }
  local all = sites.read_all(files, GAMES, {
    mistake = function(file, line, message) said[#said + 1] = file .. ":" .. line .. ": " .. message end,
  })
  assert(#said == 1 and said[1] == 'b.json:1: the site "a" is defined in another file too', said[1])
  assert(all.a.initial_credits == 1 and all.c)
end

return T
