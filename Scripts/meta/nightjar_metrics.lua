---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.metrics
local metrics = {}

---A number that only rises. Shown on `/metrics` with the label `package`. At most 200 names and 1000 different labels per package; what is beyond is counted under the label `overflow`.
---@param name string Letters, digits, `_` and `.` (shown as `_`), at most 64; not `nightjar…`.
---@param labels? table At most 8 names with strings, numbers or booleans of at most 128 bytes.
---@return nightjar.Counter counter The same one for the same name and labels.
function metrics.counter(name, labels) end

---A number that rises and falls. Shown on `/metrics` with the label `package`. At most 200 names and 1000 different labels per package; what is beyond is counted under the label `overflow`.
---@param name string Letters, digits, `_` and `.` (shown as `_`), at most 64; not `nightjar…`.
---@param labels? table At most 8 names with strings, numbers or booleans of at most 128 bytes.
---@return nightjar.Gauge gauge The same one for the same name and labels.
function metrics.gauge(name, labels) end

---The distribution of many values. Shown on `/metrics` with the label `package`. At most 200 names and 1000 different labels per package; what is beyond is counted under the label `overflow`.
---@param name string Letters, digits, `_` and `.` (shown as `_`), at most 64; not `nightjar…`.
---@param labels? table At most 8 names with strings, numbers or booleans of at most 128 bytes.
---@return nightjar.Histogram histogram The same one for the same name and labels.
function metrics.histogram(name, labels) end

return metrics
