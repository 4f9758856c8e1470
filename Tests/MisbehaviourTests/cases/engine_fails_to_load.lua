-- An engine that never ends loading.
-- game
-- expect: refused
while true do end -- luacheck: ignore
