-- What gsub builds is bounded.
-- expect: error resulting string too large
-- limits: memory=64MiB deadline=500ms

return #(("a"):rep(1 << 10)):gsub("a", ("%0"):rep(1 << 14))
