-- Nothing reachable from the globals or the API has a forbidden name.
-- expect: ok

local forbidden = {
  io = true, package = true, debug = true, dofile = true, loadfile = true, execute = true, exit = true, getenv = true,
  remove_file = true, tmpname = true, dump = true, popen = true, loadlib = true, searchpath = true, sethook = true,
  getregistry = true, setlocale = true, collect = true,
}
local seen = {}
local function walk(value, path)
  if type(value) ~= "table" or seen[value] then return end
  seen[value] = true
  for key, inner in next, value do
    assert(not forbidden[key] , path .. "." .. tostring(key))
    walk(inner, path .. "." .. tostring(key))
    local mt = getmetatable(inner)
    if type(mt) == "table" then walk(mt, path .. "." .. tostring(key) .. "<mt>") end
  end
end
walk(_G, "_G")
walk(require("nightjar"), "nightjar")
