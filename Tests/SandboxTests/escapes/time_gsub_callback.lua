-- Ends at its deadline: gsub callback.
-- expect: timeout

string.gsub('abc', '%w', function() while true do end end)
