-- Ends at its deadline: pcall swallow.
-- expect: timeout

local function loop() while true do end end while true do pcall(loop) end
