-- Also through load.
-- expect: error overflow
-- limits: memory=64MiB deadline=2000ms

local function f() return load(f) end local n = 0 f = function() n = n + 1 load(f) error('overflow ' .. n) end f()
