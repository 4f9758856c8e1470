-- Reads files outside of its folder, devices, and files that are not there.
-- expect: loads
local nightjar = require "nightjar"

for _, path in ipairs { "../neighbour/main.lua", "/etc/passwd", "/dev/zero", "", ".", "x\0y", ("a/"):rep(10000), "main.lua/x" } do
  pcall(nightjar.data, path)
  pcall(nightjar.files, path, "")
  pcall(require, path)
end
return {}
