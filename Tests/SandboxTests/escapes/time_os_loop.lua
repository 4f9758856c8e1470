-- Ends at its deadline: os loop.
-- expect: timeout

while true do os.time() os.clock() os.date('*t') end
