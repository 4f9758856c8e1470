-- Ends at its deadline: gmatch loop.
-- expect: timeout

while true do for w in ('a b c'):gmatch('%a+') do end end
