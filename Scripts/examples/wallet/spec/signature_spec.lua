-- The casino's signature.

local nightjar = require "nightjar"
local signature = require "signature"

local T = {}

local SECRET, NOW, BODY = "a secret of at least 32 bytes, really", 1732985433123, '{"id":"1"}'

local function header(time, name, body)
  local code = nightjar.crypto.hmac_sha256(SECRET, ("%d.%s.%s"):format(time, name, body))
  return ("t=%d,v1=%s"):format(time, nightjar.crypto.hex(code))
end

function T.the_casinos_own_is_right()
  assert(signature.problem(SECRET, "debit", BODY, header(NOW, "debit", BODY), NOW) == nil)
end

function T.everything_it_covers_must_be_as_it_was()
  local right = header(NOW, "debit", BODY)
  assert(signature.problem(SECRET, "credit", BODY, right, NOW))
  assert(signature.problem(SECRET, "debit", BODY .. " ", right, NOW))
  assert(signature.problem(SECRET .. "!", "debit", BODY, right, NOW))
  assert(signature.problem(SECRET, "debit", BODY, right:sub(1, -2), NOW))
  assert(signature.problem(SECRET, "debit", BODY, nil, NOW))
end

function T.it_is_of_now()
  local right = header(NOW, "debit", BODY)
  assert(signature.problem(SECRET, "debit", BODY, right, NOW + signature.CLOCK_MAX) == nil)
  assert(signature.problem(SECRET, "debit", BODY, right, NOW + signature.CLOCK_MAX + 1))
  assert(signature.problem(SECRET, "debit", BODY, right, NOW - signature.CLOCK_MAX - 1))
end

return T
