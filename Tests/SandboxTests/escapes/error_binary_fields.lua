-- The same in the fields of an error table.
-- expect: error
-- limits: memory=64MiB

error({ code = ("\xff"):rep(4 << 20), message = ("\xfe"):rep(4 << 20) })
