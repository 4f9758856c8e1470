-- The strings given to one host function are bounded together.
-- expect: error are too large
-- limits: memory=64MiB

local host, s = require("nightjar"), ("a"):rep(7 << 20)
host.keep(s, s, s)
