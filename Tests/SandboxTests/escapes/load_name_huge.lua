-- The name of a chunk is kept with it and goes into positions.
-- expect: error name too long
-- limits: memory=64MiB

return load("return 1", ("x"):rep(4 << 20))
