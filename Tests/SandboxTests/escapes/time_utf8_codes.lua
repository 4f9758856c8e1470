-- utf8.codes over a large string is a loop like any other.
-- expect: timeout
-- limits: memory=64MiB

for _ in utf8.codes(("a"):rep(8 << 20)) do end
