-- Strings of NULs are compared byte by byte, inside one instruction: bounded by the size of a string, not by time.
-- expect: timeout
-- limits: memory=64MiB

local a, b = ("\0"):rep(8 << 20), ("\0"):rep(8 << 20)
while a <= b do end
