local platforms = require "platforms"
local purchases = require "purchases"

local T = {}

local COMPONENTS = { fb_social = {}, jackpot = {}, userdata = {} }

local function nobody() return nil end

function T.mistakes_in_a_platform_are_named_with_what_was_meant()
  for _, case in ipairs {
    { 7, "must return a table" },
    { {}, '"authenticate" is missing' },
    { { authenticate = 1 }, '"authenticate" must be a function' },
    { { authenticate = nobody, walet = "stored" }, 'unknown member "walet"; did you mean "wallet"?' },
    { { authenticate = nobody, wallet = "store" }, 'no wallet "store"; did you mean "stored"?' },
    { { authenticate = nobody, components = { "jackpt" } }, 'no component "jackpt"; did you mean "jackpot"?' },
    { { authenticate = nobody, portal = "x.html" }, '"portal" must be a table' },
    { { authenticate = nobody, portal = { visitr = nobody } }, '"portal": unknown member "visitr"; did you mean' },
    { { authenticate = nobody, portal = { visitor = 1 } }, '"portal": "visitor" must be a function' },
  } do
    local problem = platforms.problem(case[1], COMPONENTS) or "none"
    assert(problem:find(case[2], 1, true), problem)
  end
  assert(platforms.problem({ authenticate = nobody, wallet = "memory", components = { "jackpot" } }, COMPONENTS) == nil)
end

function T.a_site_without_a_platform_is_for_the_players_of_demo_whatever_is_in_front()
  local demo, token = { authenticate = nobody }, { authenticate = nobody }
  assert(platforms.of_sites({ demo = demo, token = token }, "token") == "demo")
  assert(platforms.of_sites({ token = token }, "token") == "token")
  assert(platforms.of_sites({ demo = { off = "left out" }, token = token }, "token") == "token")
  assert(platforms.of_sites({}, nil) == nil)
end

function T.mistakes_in_a_component_are_named_with_what_was_meant()
  for _, case in ipairs {
    { true, "must return a table" },
    { {}, '"message" is missing' },
    { { mesage = nobody }, 'unknown member "mesage"; did you mean "message"?' },
    { { message = "hello" }, '"message" must be a function' },
  } do
    local problem = platforms.component_problem(case[1]) or "none"
    assert(problem:find(case[2], 1, true), problem)
  end
  assert(platforms.component_problem { message = nobody, levels = {} } == nil)
end

function T.a_platform_adds_its_components_to_those_of_all()
  local plain = platforms.complete { authenticate = nobody }
  assert(plain.wallet == "stored" and platforms.offers(plain, "userdata"))
  assert(not platforms.offers(plain, "fb_social"))
  local social = platforms.complete { authenticate = nobody, components = { "fb_social", "userdata" } }
  assert(platforms.offers(social, "fb_social") and #social.components == #plain.components + 1)
end

function T.a_platform_that_is_not_there_is_told_with_those_that_are()
  local known = { "facebook", "token" }
  assert(platforms.unknown("demo", known) == 'there is no platform "demo", there are facebook, token')
  assert(platforms.unknown("facebok", known):find('; did you mean "facebook"?', 1, true))
  assert(platforms.unknown("demo", {}):find("there is none at all", 1, true))
end

function T.an_open_door_beside_a_locked_one_is_told()
  local open, closed = {}, { off = "not set up" }
  assert(platforms.warning({ demo = open, facebook = open }, {}):find("users of facebook", 1, true))
  assert(platforms.warning({ demo = open, facebook = closed, token = closed }, {}) == nil)
  assert(platforms.warning({ demo = open, facebook = open }, { "facebook" }) == nil)
  assert(platforms.warning({ facebook = open }, {}) == nil)
end

local function order(amount) return { kind = "manual_buy", amount = amount } end

function T.a_platform_without_a_hook_sells_nothing()
  local entries, code, detail = purchases.ask({}, { session = {}, site = {}, order = order(5) })
  assert(entries == nil and code == "component_error" and detail:find("nothing is sold", 1, true))
end

function T.the_hook_for_trying_gives_only_where_it_may()
  local function ask(debug, manual)
    local platform = { purchase = purchases.for_trying(debug) }
    return purchases.ask(platform, { session = {}, site = { manual_credits = manual }, order = order(500) })
  end
  for _, case in ipairs { { true, true }, { true, false }, { false, true } } do
    local entries = ask(case[1], case[2])
    assert(#entries == 1 and entries[1].kind == "manual_buy" and entries[1].amount == 500)
  end
  local entries, code = ask(false, false)
  assert(entries == nil and code == "component_error")
end

function T.no_hook_is_asked_for_what_is_no_amount()
  local platform = { purchase = function() error("asked") end }
  for _, amount in ipairs { 0, -1, 1.5, "5", 1000000001, math.mininteger } do
    local entries, code = purchases.ask(platform, { session = {}, site = {}, order = order(amount) })
    assert(entries == nil and code == "component_error")
  end
  assert(purchases.ask(platform, { session = {}, site = {}, order = { kind = "x" } }) == nil)
end

return T
