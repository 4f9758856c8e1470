-- Ends at its deadline: repeat.
-- expect: timeout

repeat until false
