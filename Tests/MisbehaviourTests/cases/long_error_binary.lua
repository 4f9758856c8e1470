-- Raises binary megabytes.
-- trigger: get /long_error_binary 10 => some 500
local nightjar = require "nightjar"

nightjar.http.get("/long_error_binary", function() error(("\255\0\27"):rep(2 << 20), 0) end)

return {}
