-- table.move, insert and remove at the front, unpack of the most that goes.
-- expect: timeout
-- limits: memory=64MiB

local t = {}
for i = 1, 50000 do t[i] = i end
while true do
  table.move(t, 1, #t, 2)
  table.insert(t, 1, 0)
  table.remove(t, 1)
  table.unpack(t, 1, 7999)
end
