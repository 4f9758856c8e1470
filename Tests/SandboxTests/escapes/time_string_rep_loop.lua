-- Ends at its deadline: string rep loop.
-- expect: timeout

while true do ('x'):rep(1000) end
