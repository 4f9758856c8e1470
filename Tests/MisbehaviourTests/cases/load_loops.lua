-- Never ends loading.
-- expect: refused took longer than
while true do end -- luacheck: ignore
