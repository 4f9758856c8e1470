-- What is held, and for how long at most.

local equal = require("lib.testing").equal
local held = require "lib.held"

local T = {}

function T.what_one_is_at_is_held_until_it_is_released()
  local things = held.new(function() return 0 end)
  things:hold "a"
  equal({ things:is_held "a", things:is_held "b" }, { true, false })
  things:release "a"
  equal(things:is_held "a", false)
end

--- A handler that the server has ended releases nothing.
function T.nothing_is_held_for_longer_than_a_handler_goes_on()
  local time = 1000
  local things = held.new(function() return time end)
  things:hold "a"
  time = 30999
  equal(things:is_held "a", true)
  time = 31000
  equal(things:is_held "a", false)
  things:hold "a"
  equal(things:is_held "a", true)
end

return T
