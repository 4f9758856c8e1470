-- Megabytes in and out of string.format.
-- expect: timeout
-- limits: memory=64MiB

local s = ("a"):rep(1 << 20)
while true do string.format("%s%s%s%s", s, s, s, s) end
