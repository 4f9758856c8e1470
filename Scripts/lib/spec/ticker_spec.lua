-- How often the ticker looks.

local equal = require("lib.testing").equal
local ticker = require "lib.ticker"

local T = {}

function T.it_looks_often_while_there_is_something_and_seldom_without()
  local set, has_more = {}, true
  local function every(name, seconds, look) set[#set + 1] = { name, seconds, look } end
  local looking = ticker.start("a", { often = 0.1, seldom = 1, every = every }, function()
    return has_more
  end)
  local function intervals()
    local list = {}
    for index, timer in ipairs(set) do list[index] = timer[2] end
    return list
  end
  local function look() set[#set][3]() end
  look()
  look()
  equal(intervals(), { 0.1 }, "a timer that fits is left alone")
  has_more = false
  look()
  look()
  equal(intervals(), { 0.1, 1 })
  looking:wake()
  looking:wake()
  equal(intervals(), { 0.1, 1, 0.1 })
  has_more = nil
  look()
  has_more = 7
  look()
  equal(intervals(), { 0.1, 1, 0.1, 1, 0.1 })
  for _, timer in ipairs(set) do equal(timer[1], "a", "so that there is one timer only") end
end

return T
