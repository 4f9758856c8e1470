-- Ends at its deadline: iterator.
-- expect: timeout

for x in function() return 1 end do end
