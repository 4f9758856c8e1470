-- Ends at its deadline: goto.
-- expect: timeout

::again:: goto again
