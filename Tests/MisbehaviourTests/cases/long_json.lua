-- Encodes and decodes texts that are large, deep, or full of numbers and escapes.
-- trigger: get /long_json 3 => some 200 done or 500
local nightjar = require "nightjar"

nightjar.http.get("/long_json", function()
  local json = nightjar.json
  local list = {}
  for i = 1, 100000 do list[i] = { x = i / 3 } end
  nightjar.sleep(0)
  local texts = {
    ("["):rep(1000000), '"' .. ("\\u0000"):rep(150000) .. '"', "[" .. ("1e999,"):rep(150000) .. "1]", '{"a":' .. ("[1,2,3],"):rep(5) .. "1}",
    "[" .. ("{},"):rep(300000) .. "{}]", '"' .. ("x"):rep(900000), ("9"):rep(900000),
  }
  for _ = 1, 5 do
    pcall(json.encode, list)
    pcall(json.encode, list, { sort = true })
    for _, text in ipairs(texts) do
      pcall(json.decode, text)
      pcall(json.raw, text)
      pcall(json.decode, text, { raw = { "a" } })
    end
    nightjar.sleep(0)
  end
  return "done"
end)

return {}
