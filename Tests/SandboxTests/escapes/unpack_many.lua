-- The stack is not for a million values.
-- expect: error too many results to unpack

return table.unpack({}, 1, 1e6)
