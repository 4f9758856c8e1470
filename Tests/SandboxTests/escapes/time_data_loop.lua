-- Ends at its deadline: data loop.
-- expect: timeout

local conn = ... while true do conn.data = {} end
