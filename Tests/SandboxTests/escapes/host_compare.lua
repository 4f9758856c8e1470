-- Objects compare by identity only.
-- expect: ok

local conn = ... assert(conn == conn) assert(conn ~= 1) assert(not pcall(function() return conn < conn end))
