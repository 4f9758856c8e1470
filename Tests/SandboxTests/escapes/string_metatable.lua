-- The strings' metatable is closed.
-- expect: error

getmetatable('').__concat = print
