-- A file of megabytes of nesting.
-- expect: refused
local f = load("return " .. ("{"):rep(200000) .. ("}"):rep(200000))
return f()
