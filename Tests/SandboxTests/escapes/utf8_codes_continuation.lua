-- Lua 5.4.4 accepts stray continuation bytes: odd, not dangerous.
-- expect: ends

for _ in utf8.codes('\x80\x80') do end
