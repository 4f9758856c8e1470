-- Ends at its deadline: xpcall handler error.
-- expect: timeout

local function h() error('again') end while true do xpcall(error, h, 'x') end
