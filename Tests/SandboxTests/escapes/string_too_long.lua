-- A script's string has a bound, whichever way it is made: comparing two runs in C.
-- expect: memory
-- limits: memory=64MiB

local s = "x"
while true do s = s .. s end
