-- utf8 over megabytes.
-- expect: timeout
-- limits: memory=64MiB

local s = ("\u{10FFFF}"):rep(2 << 20)
while true do
  utf8.len(s)
  utf8.offset(s, 1 << 20)
  utf8.codepoint(s, 1, 4000)
end
