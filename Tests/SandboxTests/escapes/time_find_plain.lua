-- A plain search looks at the slice as well.
-- expect: timeout
-- limits: memory=64MiB

local s, what = ("a"):rep(8 << 20), ("a"):rep(1 << 12) .. "b"
while true do s:find(what, 1, true) end
