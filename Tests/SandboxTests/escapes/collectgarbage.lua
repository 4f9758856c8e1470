-- Scripts cannot steer the collector.
-- expect: ok

assert(collectgarbage('count') > 0) assert(not pcall(collectgarbage)) assert(not pcall(collectgarbage, 'stop')) assert(not pcall(collectgarbage, 'generational'))
