-- Ends at its deadline: pcall.
-- expect: timeout

while true do pcall(error) end
