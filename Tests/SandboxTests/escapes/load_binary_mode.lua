-- Whatever the mode says.
-- expect: ok

assert(not load('\27Lua', 'x', 'b')) assert(not load('\27Lua', 'x', 'bt')) assert(not load('\27Lua', 'x', 'tb'))
