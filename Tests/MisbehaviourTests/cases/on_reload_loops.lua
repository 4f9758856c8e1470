-- Never comes back from on_reload: the load is refused.
-- expect: refused
return {
  on_reload = function()
    while true do end -- luacheck: ignore
  end,
}
