-- Reads files outside of its folder, devices, and files that are not there.
-- trigger: get /data_of_others => 200 none
local nightjar = require "nightjar"

local read = {}
for _, path in ipairs { "../neighbour/main.lua", "/etc/passwd", "/dev/zero", "", ".", "x\0y", ("a/"):rep(10000), "main.lua/x" } do
  for what, f in pairs { data = nightjar.data, files = nightjar.files, require = require } do
    local ok, value = pcall(f, path, "")
    if ok and value then read[#read + 1] = what .. " " .. path end
  end
end
nightjar.http.get("/data_of_others", function() return #read == 0 and "none" or table.concat(read, ", ") end)
return {}
