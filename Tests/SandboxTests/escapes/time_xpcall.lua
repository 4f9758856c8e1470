-- Ends at its deadline: xpcall.
-- expect: timeout

local function loop() while true do end end xpcall(loop, loop)
