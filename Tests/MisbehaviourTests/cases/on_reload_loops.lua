-- Never comes back from on_reload: the load is refused.
-- expect: refused took longer than
return {
  on_reload = function()
    while true do end -- luacheck: ignore
  end,
}
