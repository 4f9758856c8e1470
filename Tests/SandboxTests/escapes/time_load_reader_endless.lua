-- Ends at its deadline: load reader endless.
-- expect: timeout

while true do load('return 1')() end
