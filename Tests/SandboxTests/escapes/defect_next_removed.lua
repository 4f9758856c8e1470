-- 52c86797: keys removed during next.
-- expect: ok

local t = {} for i = 1, 200 do t['k' .. i] = i end for k in pairs(t) do t[k] = nil end assert(next(t) == nil)
