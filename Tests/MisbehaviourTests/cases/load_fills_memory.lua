-- Fills its memory while loading.
-- expect: refused memory limit
local t = {}
for i = 1, 1e9 do t[i] = { i } end
return {}
