-- "%q" writes byte by byte: megabytes of control characters took 1.6 s.
-- expect: error strings too large for '%q'
-- limits: memory=64MiB

return #string.format("%q", ("\1"):rep(4 << 20))
