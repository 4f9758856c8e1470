-- A method checks what it is called on.
-- expect: error bad self of 'connection:send'

local conn = ... conn.send('text', 'text')
