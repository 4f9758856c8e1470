-- Ends at its deadline: json loop.
-- expect: timeout

local json = require('nightjar').json while true do json.decode(json.encode({1, 2, 3})) end
