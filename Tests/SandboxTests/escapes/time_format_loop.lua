-- Ends at its deadline: format loop.
-- expect: timeout

while true do string.format('%s %d %5.2f', 'x', 1, 2.5) end
