-- The same by rawset, by a table that stands in for the metatable, and spelled in pieces.
-- expect: ok

local function handler() return {} end
local ways = {
  function(m) rawset(m, "__concat", handler) end,
  function(m) m["__con" .. ("cat"):rep(1)] = handler end,
  function(m) for k in ("__concat"):gmatch("%S+") do m[k] = handler end end,
  function(m) table.insert(m, handler) m.__concat = table.remove(m) end,
  function(m) for k, v in pairs({ __concat = handler }) do m[k] = v end end,
}
for _, way in ipairs(ways) do
  local m = {}
  local t = setmetatable({}, m)
  way(m)
  for _ = 1, 20 do
    local ok, why = coroutine.resume(coroutine.create(function() return ("x") .. t .. ("y") end))
    assert(not ok and why:find("attempt to concatenate a table value", 1, true), why)
  end
end
