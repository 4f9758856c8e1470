-- A file of megabytes of nesting.
-- expect: refused text to load is too long
local f = assert(load("return " .. ("{"):rep(200000) .. ("}"):rep(200000)))
return f()
