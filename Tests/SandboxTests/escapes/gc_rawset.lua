-- rawset does not hide it.
-- expect: ok

local mt = {} rawset(mt, '__gc', print) assert(not pcall(setmetatable, {}, mt))
