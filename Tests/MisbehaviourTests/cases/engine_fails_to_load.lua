-- An engine that never ends loading.
-- game
-- expect: refused took longer than
while true do end -- luacheck: ignore
