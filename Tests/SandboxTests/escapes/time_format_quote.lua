-- The largest that may be quoted, again and again.
-- expect: timeout
-- limits: memory=64MiB

local s = ("\1"):rep(250 << 10)
while true do string.format("%q", s) end
