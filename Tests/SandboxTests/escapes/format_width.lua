-- Widths are bounded by Lua.
-- expect: error invalid conversion

return string.format('%1000d', 1)
