-- CVE-2021-43519: C stack overflow in resume.
-- expect: ends
-- limits: memory=64MiB deadline=2000ms

local function f() local co = coroutine.wrap(f) co() end f()
