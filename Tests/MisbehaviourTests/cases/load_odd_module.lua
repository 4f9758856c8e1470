-- A module table with fields of every wrong kind.
-- expect: refused must be
return { workers = 5, listener = {}, version = "x", limits = { memory_mb = -1, slice_ms = "fast" }, on_ready = true }
