-- One large value many times in what a host function encodes.
-- expect: ends
-- limits: memory=64MiB

local host, s = require("nightjar"), ("a"):rep(7 << 20)
local list = {}
for i = 1, 256 do list[i] = s end
host.keep(list, list, list, list, list, list, list)
for _ = 1, 100 do host.keep(s, s) end
