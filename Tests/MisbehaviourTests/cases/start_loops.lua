-- Never ends loading when the server starts in production.
-- trigger: start
-- expect: refused
while true do end -- luacheck: ignore
