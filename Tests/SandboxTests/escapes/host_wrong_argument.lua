-- Arguments are checked.
-- expect: error bad argument #1 to 'connection:send' (string expected, got table)

local conn = ... conn:send({})
