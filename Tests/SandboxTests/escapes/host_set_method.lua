-- Methods cannot be replaced.
-- expect: error cannot set field 'send' of connection

local conn = ... conn.send = print
