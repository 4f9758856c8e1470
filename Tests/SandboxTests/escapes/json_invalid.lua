-- Invalid texts are refused.
-- expect: ok

local json = require("nightjar").json
for _, s in ipairs({"", "{", "[1,]", "nul", "1 2", "\"\xff\"", "{\"a\":}", "[1e999999]", "\"\\ud800\"", "01", "+1", "'x'"}) do
  local v, code = json.decode(s)
  assert(v == nil and code == "invalid_json" or s == "[1e999999]", s)
end
