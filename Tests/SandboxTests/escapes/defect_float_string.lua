-- Odd floats.
-- expect: ok

assert(tostring(0/0):find('nan') and tostring(1/0) == 'inf' and 2^53 == 2^53 + 1.0)
