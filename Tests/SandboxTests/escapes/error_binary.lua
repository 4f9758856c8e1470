-- An error of megabytes of binary: a few kilobytes of it are told, as text.
-- expect: error
-- limits: memory=64MiB

error(("\xff\xfe\0"):rep(1 << 20), 0)
