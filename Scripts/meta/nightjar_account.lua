---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.account
local account = {}

---Reads a balance. Of an account that was never opened: nil, "not_found".
---
---Waits; not while the script loads.
---@async
---@param of nightjar.AccountPlace Whose.
---@return integer? credits Smallest unit; nil: it failed.
---@return string|integer? version Rises with each change. With nil a code: `not_found`, `insufficient_credits`, `credits_overflow`, `id_taken`, `kept_elsewhere`, `kept_in_memory`, `unavailable`, `busy` ….
---@return string? detail With a code.
function account.balance(of) end

---Changes an account, once for its id. If it fails with `unavailable`, ask again with the same id: it may stand.
---
---Waits; not while the script loads.
---@async
---@param change nightjar.AccountChange What is changed: all of it in one transaction, or nothing.
---@return integer? credits Smallest unit; nil: it failed.
---@return boolean|string? repeated Whether it had been made before, by the same id. With nil a code: `not_found`, `insufficient_credits`, `credits_overflow`, `id_taken`, `kept_elsewhere`, `kept_in_memory`, `unavailable`, `busy` ….
---@return string? detail With a code.
function account.commit(change) end

return account
