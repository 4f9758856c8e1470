-- Odd levels.
-- expect: ends

for level = -3, 30 do pcall(error, 'x', level) end error('y', 1000)
