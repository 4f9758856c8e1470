-- An engine that never ends loading.
-- game
-- expect: refused took longer than 100 ms
while true do end -- luacheck: ignore
