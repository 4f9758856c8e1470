-- Odd readers.
-- expect: ok

assert(load(function() return nil end)) assert(not load(function() return {} end)) assert(not load(function() error('x') end))
