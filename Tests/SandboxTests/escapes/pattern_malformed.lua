-- Malformed patterns are errors.
-- expect: ok

for _, p in ipairs({"[a", "%", "(", "%b", "%f", "[^", "%9", "(()", "[]", "[%"}) do
  assert(not pcall(string.find, "aaa", p), p)
end
