-- Ends at its deadline: load chunk.
-- expect: timeout

load('while true do end')()
