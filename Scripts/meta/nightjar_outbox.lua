---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.outbox
local outbox = {}

---Keeps something that is to be told outside until `accept`. Together with changes of keys: `{"tell", …}` in `store.batch`.
---
---Waits; not while the script loads.
---@async
---@param topic string Of this package, 1 to 200 bytes of UTF-8.
---@param key string 1 to 200 bytes of UTF-8. Of two items of a topic with one key only one waits.
---@param body string At most 1 MiB.
---@param options? nightjar.OutboxOptions
---@return boolean? told true when it is kept.
---@return string? code With nil: `unavailable`, `busy`, `full`, `too_large` …
---@return string? detail
function outbox.tell(topic, key, body, options) end

---Gives what is due of a topic. It stays until it is accepted, so let only one handler at a time ask.
---
---Waits; not while the script loads.
---@async
---@param topic string Of this package, 1 to 200 bytes of UTF-8.
---@param limit? integer At most so many, 1 to 1000; default 100.
---@return {id: integer, key: string, realm: string, body: string, at: integer, attempts: integer}[]? items Oldest first. `at`: milliseconds since 1970; `attempts`: how often it was postponed.
---@return string? code With nil: `unavailable`, `busy`, `full`, `too_large` …
---@return string? detail
function outbox.due(topic, limit) end

---Forgets items that were told. Those that are forgotten or replaced already are nothing.
---
---Waits; not while the script loads.
---@async
---@param ids integer[] Ids of items that `due` gave, at most 1000.
---@return boolean? accepted
---@return string? code With nil: `unavailable`, `busy`, `full`, `too_large` …
---@return string? detail
function outbox.accept(ids) end

---Counts an attempt that failed; the item is due again later, and those behind it go on.
---
---Waits; not while the script loads.
---@async
---@param id integer
---@param seconds number Until it is due again.
---@return boolean? postponed
---@return string? code With nil: `unavailable`, `busy`, `full`, `too_large` …
---@return string? detail
function outbox.postpone(id, seconds) end

return outbox
