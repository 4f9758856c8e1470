-- Invalid UTF-8 is reported.
-- expect: ok

assert(not utf8.len("\xff"))
assert(not pcall(utf8.codepoint, "\xff"))
assert(not pcall(utf8.char, -1))
assert(not pcall(function() for _ in utf8.codes("ab\xff") do end end))
