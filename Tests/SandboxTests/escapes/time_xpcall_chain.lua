-- Ends at its deadline: xpcall chain.
-- expect: timeout

local function h(e) return xpcall(error, h, e) end while true do pcall(h, 1) end
