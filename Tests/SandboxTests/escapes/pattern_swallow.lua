-- Catching the budget's error does not stretch the slice.
-- expect: timeout
-- limits: deadline=50ms slack=100ms

while true do pcall(string.find, ('a'):rep(40), ('a-'):rep(24) .. 'b') end
