-- %q takes plain values only.
-- expect: error

return string.format('%q', {})
