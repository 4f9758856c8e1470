-- Continuation bytes without end.
-- expect: timeout
-- limits: memory=64MiB

local s = ("\x80"):rep(8 << 20)
while true do utf8.offset(s, 0, #s) end
