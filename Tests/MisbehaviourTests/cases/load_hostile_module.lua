-- A module table whose metatable fails and loops.
-- expect: refused took longer than
return setmetatable({}, {
  __index = function()
    while true do end -- luacheck: ignore
  end,
})
