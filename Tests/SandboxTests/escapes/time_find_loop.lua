-- Ends at its deadline: find loop.
-- expect: timeout

local s = ('a'):rep(1000) while true do s:find('b') end
