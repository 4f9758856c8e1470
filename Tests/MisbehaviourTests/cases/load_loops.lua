-- Never ends loading.
-- expect: refused took longer than 100 ms
while true do end -- luacheck: ignore
