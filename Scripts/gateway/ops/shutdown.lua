--- SHUTDOWN: the service is to stop. It closes its connection when it has; if it is still there
-- after ten seconds, the gateway closes it.

local limits = require "limits"

local M = { number = 3, name = "SHUTDOWN", from = "gateway" }

--- How long the service may take, milliseconds.
M.patience_ms = limits.shutdown_ms

return M
