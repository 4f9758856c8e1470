-- A value without __close.
-- expect: error got a non-closable value

local x <close> = {}
