-- At most 32 captures.
-- expect: error too many captures

('a'):find(('()'):rep(33))
