-- Never ends loading and catches what stops it.
-- expect: refused took longer than
while true do
  pcall(function()
    while true do end -- luacheck: ignore
  end)
end
