-- Frontiers work.
-- expect: ok

assert(('THE (quick) fox'):find('%f[%a]%a+%f[%A]') == 1)
