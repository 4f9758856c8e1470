-- A replacement of a thousand captures, for each of a thousand matches.
-- expect: timeout
-- limits: memory=64MiB

local s, r = ("a"):rep(1 << 10), ("%0"):rep(7000)
while true do local _ = s:gsub("a", r) end
