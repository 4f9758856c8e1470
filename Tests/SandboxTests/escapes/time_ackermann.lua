-- Ends at its deadline: ackermann.
-- expect: timeout

local function a(m, n) if m == 0 then return n + 1 elseif n == 0 then return a(m - 1, 1) end return a(m - 1, a(m, n - 1)) end while true do pcall(a, 3, 5) end
