-- Whatever the reader says.
-- expect: ok

local parts = {'\27', 'Lua', nil} local i = 0 local f, e = load(function() i = i + 1 return parts[i] end, 'x', 'bt') assert(f == nil and e:find('binary'))
