-- Actions that never end, fill their memory, recurse, catch it all, and raise megabytes.
-- game
-- trigger: act loop => internal
-- trigger: act catch => internal
-- trigger: act fill => internal
-- trigger: act deep => internal
-- trigger: act huge => internal
-- trigger: act steps => internal
-- trigger: act state => internal
local M = { actions = {} }
local function idle(data) return { name = "idle", data = data or {}, actions = { "loop", "catch", "fill", "deep", "huge", "steps", "state" } } end
function M.init() return idle() end
function M.actions.loop() while true do end end -- luacheck: ignore
function M.actions.catch() while true do pcall(function() while true do end end) end end -- luacheck: ignore
function M.actions.fill() local t = {} for i = 1, 1e9 do t[i] = { i } end end
function M.actions.deep() local function f() return 1 + f() end return f() end
function M.actions.huge() error(("\255"):rep(8 << 20), 0) end
function M.actions.steps(state, _, ctx) for _ = 1, 1000000 do ctx:step(state) end return state end
function M.actions.state() return idle { text = ("x"):rep(8 << 20) } end
return M
