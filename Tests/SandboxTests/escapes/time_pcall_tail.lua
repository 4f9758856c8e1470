-- Ends at its deadline: pcall tail.
-- expect: timeout

local function loop() while true do end end return pcall(loop)
