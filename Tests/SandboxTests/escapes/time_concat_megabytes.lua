-- table.concat of megabytes.
-- expect: timeout
-- limits: memory=64MiB

local s, t = ("a"):rep(1 << 20), {}
for i = 1, 7 do t[i] = s end
while true do table.concat(t) end
