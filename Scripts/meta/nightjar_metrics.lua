---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.metrics
local metrics = {}

---A number that only rises. At most 200 names per package.
---@param name string Letters, digits, `_` and `.`, at most 64.
---@return nightjar.Counter counter The same one for the same name.
function metrics.counter(name) end

---A number that rises and falls. At most 200 names per package.
---@param name string Letters, digits, `_` and `.`, at most 64.
---@return nightjar.Gauge gauge The same one for the same name.
function metrics.gauge(name) end

---The distribution of many values. At most 200 names per package.
---@param name string Letters, digits, `_` and `.`, at most 64.
---@return nightjar.Histogram histogram The same one for the same name.
function metrics.histogram(name) end

return metrics
