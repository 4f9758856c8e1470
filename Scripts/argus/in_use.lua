--- The lists of traits in use. main.lua puts those of traits.lua here, which lists.lua has checked,
-- and specs small ones of their own: an edit of the real ones, while people stream, waits for no
-- spec.

local M = {}

---@type argus.Lists
M.lists = nil

return M
