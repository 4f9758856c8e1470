-- A table is not taken for one.
-- expect: error bad self of 'connection:send'

local conn = ... conn.send(setmetatable({}, {__index = conn, __name = 'connection'}), 'x')
