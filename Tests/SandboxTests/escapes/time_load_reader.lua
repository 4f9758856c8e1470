-- Ends at its deadline: load reader.
-- expect: timeout

load(function() while true do end end)
