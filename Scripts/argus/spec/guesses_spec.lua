-- Wrong keys and tokens.

local equal = require("lib.testing").equal
local guesses = require "guesses"
local limits = require "limits"

local T = {}

function T.many_are_told_once_a_minute_and_a_few_are_not()
  local told = {}
  local book = guesses.new(function(_, fields) told[#told + 1] = fields.count end)
  for _ = 1, limits.told_guesses - 1 do book:counted("overlays_refused", 1) end
  book:counted("payloads", 1000)
  book:tell()
  equal(told, {})
  book:counted("bad_tokens", limits.told_guesses - 2)
  book:counted("viewers_refused", 2)
  book:tell()
  book:tell()
  equal(told, { limits.told_guesses })
end

return T
