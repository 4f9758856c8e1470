-- Digests and encodings of megabytes, in a loop.
-- trigger: get /long_crypto 3 => some 200 done or 500
local nightjar = require "nightjar"

nightjar.http.get("/long_crypto", function()
  local text = ("x"):rep(8 << 20)
  local crypto = nightjar.crypto
  for _ = 1, 10 do
    for _, f in ipairs { crypto.sha256, crypto.sha1, crypto.hex, crypto.base64, crypto.base64url, crypto.unhex, crypto.unbase64 } do
      pcall(f, text)
    end
    pcall(crypto.hmac_sha256, text, text)
    pcall(crypto.equal, text, text)
    nightjar.sleep(0)
  end
  return "done"
end)

return {}
