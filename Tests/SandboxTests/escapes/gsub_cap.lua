-- One gsub cannot hold 100 MB.
-- expect: error too large
-- limits: memory=64MiB deadline=2000ms

return (('x'):rep(100000):gsub('x', ('y'):rep(1000)))
