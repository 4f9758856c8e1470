-- One large table as seven arguments of a host function that encodes each.
-- expect: timeout
-- limits: memory=64MiB

local host, t = require("nightjar"), {}
for i = 1, 40000 do t[i] = { i } end
while true do host.keep(t, t, t, t, t, t, t) end
