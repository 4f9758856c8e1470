-- The guard of the globals cannot be taken off.
-- expect: error cannot change a protected metatable

setmetatable(_G, {})
