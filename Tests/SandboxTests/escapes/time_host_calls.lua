-- Ends at its deadline: host calls.
-- expect: timeout

local conn = ... while true do tostring(conn) end
