-- A string does not fit onto the stack.
-- expect: error string slice too long
-- limits: memory=64MiB deadline=2000ms

return ('x'):rep(1 << 22):byte(1, -1)
