-- Bytes only.
-- expect: error

return string.char(256)
