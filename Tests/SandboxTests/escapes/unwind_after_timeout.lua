-- A thousand protected loops unwind in one pass.
-- expect: timeout

local t = {} for i = 1, 1000 do t[i] = function() pcall(function() while true do end end) end end for i = 1, 1000 do t[i]() end
