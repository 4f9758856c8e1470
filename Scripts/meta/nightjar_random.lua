---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.random
local random = {}

---A whole number, both ends included.
---@param lowest integer
---@param highest integer
---@return integer value
function random.integer(lowest, highest) end

---A number from 0 up to, not including, 1.
---@return number value
function random.number() end

---Puts a list into random order.
---@param list table
---@return table list The same table.
function random.shuffle(list) end

---k different whole numbers from 1 to n, in the order drawn.
---@param n integer
---@param k integer
---@return table list
function random.sample(n, k) end

---One element of a list.
---@param list table
---@return any value
function random.pick(list) end

---Random bytes.
---@param count integer At most 65536.
---@return string bytes
function random.bytes(count) end

---A random UUID (version 4).
---@return string text
function random.uuid() end

return random
