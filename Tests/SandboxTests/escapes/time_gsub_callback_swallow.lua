-- Ends at its deadline: gsub callback swallow.
-- expect: timeout

while true do pcall(string.gsub, 'abc', '%w', function() while true do end end) end
