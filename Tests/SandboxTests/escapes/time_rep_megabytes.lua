-- string.rep up to its bound.
-- expect: timeout
-- limits: memory=64MiB

while true do local _ = ("a"):rep(8 << 20) end
