-- Never ends loading when the server starts in production.
-- trigger: start
-- expect: refused took longer than
while true do end -- luacheck: ignore
