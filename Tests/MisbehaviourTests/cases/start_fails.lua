-- Fails when the server starts in production: the others run, and it can be mended.
-- trigger: start
-- expect: refused broken on purpose
error("broken on purpose")
