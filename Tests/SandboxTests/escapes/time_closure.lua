-- Ends at its deadline: closure.
-- expect: timeout

while true do local x = function() return 1 end end
