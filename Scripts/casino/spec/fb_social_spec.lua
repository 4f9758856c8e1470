local fb_social = require "components.fb_social"
local nightjar = require "nightjar"
local purchases = require "purchases"
local testing = require "lib.testing"

local T = {}

local function place(manual, debug)
  return {
    site = { manual_credits = manual }, platform = { purchase = purchases.for_trying(debug or false) },
  }
end

function T.credits_are_added_or_replaced()
  testing.equal(fb_social.message({}, { what = "manual_buy", amount = 500.0 }, place(true)),
    { entries = { { kind = "manual_buy", amount = 500 } } })
  testing.equal(fb_social.message({}, { what = "set_credits", amount = 0.0 }, place(true)),
    { entries = { { kind = "set_credits", to = 0 } } })
  testing.equal(fb_social.message({}, { what = "set_credits", credits = 7 }, place(true)),
    { entries = { { kind = "set_credits", to = 7 } } })
end

function T.what_is_no_amount_is_refused()
  for _, message in ipairs {
    { what = "manual_buy", amount = 0 }, { what = "manual_buy", amount = 1000000001 },
    { what = "manual_buy", amount = 0.5 }, { what = "manual_buy", amount = "5" },
    { what = "manual_buy" }, { what = "set_credits", amount = -1 }, { what = "sing" }, {},
  } do
    local answer, code = fb_social.message({}, message, place(true))
    assert(answer == nil and code == "component_error")
  end
end

function T.a_site_that_forbids_it_gives_nothing_unless_one_develops()
  local bought, code = fb_social.message({}, { what = "manual_buy", amount = 1 }, place(false))
  assert(bought == nil and code == "component_error")
  assert(fb_social.message({}, { what = "manual_buy", amount = 1 }, place(false, true)))
  local set = fb_social.message({}, { what = "set_credits", amount = 1 }, place(false))
  assert((set ~= nil) == nightjar.debug)
end

return T
