local stakes = require "lib.stakes"

local T = {}

local function read(value)
  return stakes.read({ amount = value }, 4, 40, 4, "cards")
end

function T.the_lowest_and_the_highest_stake_are_taken()
  assert(read(4) == 4 and read(40) == 40 and read(8.0) == 8)
  assert(math.type(read(8.0)) == "integer")
end

function T.what_lies_outside_is_refused_with_the_range()
  for _, value in ipairs { 0, 3, 41, 44, -4 } do
    local amount, code, detail = read(value)
    assert(amount == nil and code == "bad_params" and detail == "amount must be from 4 to 40")
  end
end

function T.each_part_gets_the_same()
  local amount, code, detail = read(6)
  assert(amount == nil and code == "bad_params")
  assert(detail == "amount must be a multiple of 4, the number of cards")
end

function T.no_stake_is_less_than_one_credit_a_part()
  local amount, _, detail = stakes.read({ amount = 5 }, 1, 40, 10, "lines")
  assert(amount == nil and detail == "amount must be from 10 to 40")
end

function T.what_is_no_whole_number_is_refused()
  for _, value in ipairs { 4.5, "4", true, 2 ^ 70, 0 / 0, math.huge } do
    local amount, code, detail = read(value)
    assert(amount == nil and code == "bad_params" and detail == "amount must be a whole number")
  end
  assert(select(2, stakes.read({}, 4, 40, 4, "cards")) == "bad_params")
end

function T.bet_amount_is_an_alias_that_amount_takes_the_place_of()
  assert(stakes.read({ bet_amount = 8 }, 4, 40, 4, "cards") == 8)
  assert(stakes.read({ amount = 4, bet_amount = 8 }, 4, 40, 4, "cards") == 4)
end

return T
