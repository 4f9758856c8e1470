local jackpots = require "jackpots"

local T = {}

local function news(changes)
  local made = {
    platform = "demo", site = "s", id = "night", denom = "CRE", storage_multiplier = 1000, at = 1,
    levels = {
      {
        level = "mini", value = 700, wins = 1, reserve = 30, overflow = 50,
        meters = {
          start = 0, contributed = 900, hidden = 40, seeded = 190, drawn = 10, awarded = 350,
          overflowed = 60, carried = 10,
        },
      },
    },
  }
  for name, value in pairs(changes or {}) do made[name] = value end
  return made
end

function T.meters_that_come_to_what_there_is_have_no_fault()
  assert(jackpots.problem(news()) == nil and jackpots.fault(news().levels[1]) == nil)
end

function T.each_of_the_three_sums_is_checked()
  for name, word in pairs { value = "a value of 700", reserve = "a reserve", overflow = "an overflow" } do
    local level = news().levels[1]
    level[name] = level[name] + 1
    assert(jackpots.fault(level):find(word, 1, true), name)
  end
end

function T.news_that_lack_something_are_refused()
  for _, changes in ipairs {
    { site = "" }, { id = 7 }, { platform = false }, { at = -1 }, { storage_multiplier = 0 },
    { levels = {} }, { levels = 1 }, { levels = { {} } },
    { levels = { { level = "a", value = 1, wins = 0, reserve = 0, overflow = 0, meters = {} } } },
  } do
    assert(jackpots.problem(news(changes)), next(changes))
  end
end

return T
