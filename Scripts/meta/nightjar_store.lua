---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.store
local store = {}

---Reads a value.
---
---Waits; not while the script loads.
---@async
---@param key string Name within this package, 1 to 256 bytes of UTF-8.
---@return nightjar.Plain value nil if there is none.
---@return integer? version For `if_version`; only with a value.
---@return string? code With nil: `unavailable`, `busy`, `full`, `too_large` …
function store.get(key) end

---Writes a value.
---
---Waits; not while the script loads.
---@async
---@param key string Name within this package, 1 to 256 bytes of UTF-8.
---@param value nightjar.Plain Not nil; at most 1 MiB.
---@param options? nightjar.StoreSetOptions
---@return integer? version Of the new value; nil, "conflict" if `if_version` does not hold.
---@return string? code With nil: `unavailable`, `busy`, `full`, `too_large` …
---@return string? detail
function store.set(key, value, options) end

---Removes a value.
---
---Waits; not while the script loads.
---@async
---@param key string Name within this package, 1 to 256 bytes of UTF-8.
---@param options? nightjar.StoreDeleteOptions
---@return boolean? deleted false if there was none; nil, "conflict" if `if_version` does not hold.
---@return string? code With nil: `unavailable`, `busy`, `full`, `too_large` …
---@return string? detail
function store.delete(key, options) end

---Adds to a counter; a new one begins at 0.
---
---Waits; not while the script loads.
---@async
---@param key string Name within this package, 1 to 256 bytes of UTF-8.
---@param by? integer Default 1; may be negative.
---@param options? nightjar.StoreIncrementOptions
---@return integer? value The new value.
---@return string? code With nil: `unavailable`, `busy`, `full`, `too_large` …
---@return string? detail
function store.increment(key, by, options) end

---Puts a member into a sorted set, or changes its score.
---
---Waits; not while the script loads.
---@async
---@param key string Name within this package, 1 to 256 bytes of UTF-8.
---@param member string UTF-8 text of at most 512 bytes.
---@param score number Finite.
---@return boolean? added false if it was there already; its score is the new one then.
---@return string? code With nil: `unavailable`, `busy`, `full`, `too_large` …
---@return string? detail
function store.add(key, member, score) end

---Takes a member out of a sorted set.
---
---Waits; not while the script loads.
---@async
---@param key string Name within this package, 1 to 256 bytes of UTF-8.
---@param member string UTF-8 text of at most 512 bytes.
---@return boolean? removed false if it was not there.
---@return string? code With nil: `unavailable`, `busy`, `full`, `too_large` …
---@return string? detail
function store.remove(key, member) end

---Reads a part of a sorted set, lowest score first.
---
---Waits; not while the script loads.
---@async
---@param key string Name within this package, 1 to 256 bytes of UTF-8.
---@param from? number First rank, 1 is the first member, -1 the last; or the lowest score.
---@param to? number Last rank, or the highest score.
---@param options? nightjar.StoreRangeOptions
---@return {member: string, score: number}[]? members
---@return string? code With nil: `unavailable`, `busy`, `full`, `too_large` …
---@return string? detail
function store.range(key, from, to, options) end

---Counts the members of a sorted set.
---
---Waits; not while the script loads.
---@async
---@param key string Name within this package, 1 to 256 bytes of UTF-8.
---@param from? number Lowest score that counts.
---@param to? number Highest score that counts.
---@return integer? count
---@return string? code With nil: `unavailable`, `busy`, `full`, `too_large` …
---@return string? detail
function store.count(key, from, to) end

---Makes several changes in their order: all of them or, if it fails, none.
---
---Waits; not while the script loads.
---@async
---@param changes table List of `{"set", key, value, seconds until it is gone?}`, `{"delete", key}`, `{"add", key, member, score}`, `{"remove", key, member}`, `{"tell", topic, key, body, replace?}` (see `outbox.tell`); at most 256, with 4 MiB of values.
---@return boolean? done true; nil if nothing was changed.
---@return string? code With nil: `unavailable`, `busy`, `full`, `too_large` …
---@return string? detail
function store.batch(changes) end

return store
