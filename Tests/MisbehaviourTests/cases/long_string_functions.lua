-- Megabytes through every function of strings that looks at each byte.
-- trigger: get /long_string_functions 5 => some 200 done or 500
local nightjar = require "nightjar"

nightjar.http.get("/long_string_functions", function()
  local text = ("ab"):rep(2 << 20)
  for _, f in ipairs {
    function() return text:upper() end, function() return text:lower() end, function() return text:reverse() end,
    function() return text:gsub("a", "bb") end, function() return text:gsub(".", print) end,
    function() return text:find("x", 1, true) end, function() return text:find(("a"):rep(20) .. "x", 1, true) end,
    function() return text:match("^(.-)x") end, function() return text:rep(100) end, function() return text < text .. "x" end,
    function() return { text:byte(1, -1) } end, function() return select("#", text:byte(1, 200000)) end,
    function() return utf8.len(text) end, function() return utf8.offset(text, -100000) end,
    function() return tonumber(("1"):rep(1 << 20)) end, function() return ("%99.99f"):rep(100000):format(1) end,
    function() return string.pack(("s"):rep(100), text) end, function() for _ in text:gmatch("a") do end end, -- luacheck: ignore
    function() return load("return '" .. text .. "'") end, function() return load(("("):rep(1 << 20)) end,
    function() return table.concat({ text, text, text, text, text, text, text, text }) end,
  } do
    for _ = 1, 5 do
      pcall(f)
      nightjar.sleep(0)
    end
  end
  return "done"
end)

return {}
