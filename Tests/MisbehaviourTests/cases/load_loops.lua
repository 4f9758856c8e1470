-- Never ends loading.
-- expect: refused
while true do end -- luacheck: ignore
