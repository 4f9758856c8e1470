-- Data may be anything until it is carried over.
-- expect: ok

local conn = ... conn.data = conn assert(conn.data.data == conn) conn.data = nil assert(conn.data == nil)
