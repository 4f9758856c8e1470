-- CVE-2022-28805: a constant _ENV.
-- expect: ends

local ok, e = load("local _ENV <const> = {}; return x")
local ok2, e2 = load("local _ENV <const> = 1; x = 1")
if ok then pcall(ok) end
if ok2 then pcall(ok2) end
