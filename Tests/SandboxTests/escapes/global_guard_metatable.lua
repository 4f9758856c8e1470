-- The guard of the globals cannot be read.
-- expect: ok

assert(getmetatable(_G) == false)
