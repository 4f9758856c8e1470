-- Other userdata is not taken for a connection.
-- expect: error bad self of 'connection:send'

local conn = ... conn.send(require('nightjar').json.raw('"123456789012345678"'), 'x')
