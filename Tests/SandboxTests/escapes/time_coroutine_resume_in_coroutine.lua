-- Ends at its deadline: coroutine resume in coroutine.
-- expect: timeout

local function run() while true do pcall(coroutine.wrap(run)) end end run()
