-- Odd dates are errors.
-- expect: ok

assert(not pcall(os.date, "%Ez"))
assert(not pcall(os.date, "%"))
assert(type(os.date("*t")) == "table")
pcall(os.date, "%c", 1 << 60)
pcall(os.date, ("%Y"):rep(1000), 0)
pcall(os.time, {year = math.maxinteger, month = 1, day = 1})
