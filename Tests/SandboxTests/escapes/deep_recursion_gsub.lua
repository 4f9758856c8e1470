-- Also through gsub.
-- expect: error overflow
-- limits: memory=64MiB deadline=2000ms

local function f() return (('x'):gsub('x', f)) end f()
