-- Ends at its deadline: while.
-- expect: timeout

while true do end
