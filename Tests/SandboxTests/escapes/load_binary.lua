-- Binary chunks are refused.
-- expect: ok

local f, e = load('\27Lua\x54\0\x19\x93\r\n\x1a\n') assert(f == nil and e:find('binary'))
