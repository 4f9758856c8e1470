-- A date's format is as long as a person writes it: each letter is work in C.
-- expect: error format too long
-- limits: memory=64MiB

return #os.date(("%c"):rep(1 << 20))
