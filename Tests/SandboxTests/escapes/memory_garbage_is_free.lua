-- What is garbage is no reason to end a script.
-- expect: ok
-- limits: memory=1MiB deadline=5000ms

for i = 1, 300000 do local t = {i, {i}} end
