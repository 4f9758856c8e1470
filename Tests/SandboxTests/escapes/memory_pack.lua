-- Ends at the memory limit: pack.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local t = {} while true do t[#t + 1] = table.pack(table.unpack({1, 2, 3, 4, 5, 6, 7, 8, 9, 10})) end
