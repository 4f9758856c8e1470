-- Ends at its deadline: pcall pcall.
-- expect: timeout

while true do pcall(pcall, pcall, pcall, function() while true do end end) end
