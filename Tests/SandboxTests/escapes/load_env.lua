-- An environment of one's own.
-- expect: ok

assert(load('return x', 'c', 't', {x = 5})() == 5) local f = load('x = 1', 'c', 't', {}) f()
