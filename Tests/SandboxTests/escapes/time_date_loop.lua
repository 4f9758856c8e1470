-- Dates in a loop end with the slice.
-- expect: timeout

while true do os.date("%c") os.date("*t") os.time({ year = 2020, month = 1, day = 1 }) end
