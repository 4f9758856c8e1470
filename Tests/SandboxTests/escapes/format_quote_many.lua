-- What "%q" quotes counts together.
-- expect: error strings too large for '%q'
-- limits: memory=64MiB

local s = ("\1"):rep(200 << 10)
return #string.format("%q%q", s, s)
