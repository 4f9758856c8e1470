--- Who sends a call, and when: the header `Nightjar-Signature: t=1732985433123,v1=3c9f…`.

local nightjar = require "nightjar"

local crypto = nightjar.crypto

local M = {}

-- Milliseconds by which the casino's clock may differ. A call that is caught and sent once more
-- within this time does nothing, because of its id.
M.CLOCK_MAX = 300 * 1000

--- What is wrong with a signature; nil: it is the casino's.
---@param secret string
---@param name string of the call
---@param body string as it came
---@param header string?
---@param now integer milliseconds since 1970
---@return string?
function M.problem(secret, name, body, header, now)
  local time, given = (header or ""):match("^t=(%d+),v1=(%x+)$")
  local at = math.tointeger(tonumber(time))
  if not at then return "the header Nightjar-Signature is missing or malformed" end
  if math.abs(now - at) > M.CLOCK_MAX then return "the signature is not of now" end
  local right = crypto.hex(crypto.hmac_sha256(secret, ("%s.%s.%s"):format(time, name, body)))
  if not crypto.equal(right, given) then return "the signature is not right" end
  return nil
end

return M
