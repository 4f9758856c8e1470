-- Bad formats are errors.
-- expect: ok

for _, s in ipairs({"%", "%z", "%1$d", "%-", "%#", "%d", "%s", "%099999999d"}) do assert(not pcall(string.format, s), s) end
