---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.timer
local timer = {}

---Calls a function once: `after(seconds, fn)` or `after(name, seconds, fn)`. The name of a timer that runs replaces it.
---@param name_or_seconds string|number A name makes the timer survive reloads (set it again at load).
---@param seconds_or_function function|number Seconds, 0.001 or more; or the function.
---@param function_? fun() Called without arguments; may wait.
---@return nightjar.Timer timer
---@overload fun(seconds: number, handler: fun()): nightjar.Timer
function timer.after(name_or_seconds, seconds_or_function, function_) end

---Calls a function again and again: `every(seconds, fn)` or `every(name, seconds, fn)`. A turn is left out while the one before still waits.
---@param name_or_seconds string|number A name makes the timer survive reloads (set it again at load).
---@param seconds_or_function function|number Seconds, 0.001 or more; or the function.
---@param function_? fun() Called without arguments; may wait.
---@return nightjar.Timer timer
---@overload fun(seconds: number, handler: fun()): nightjar.Timer
function timer.every(name_or_seconds, seconds_or_function, function_) end

return timer
