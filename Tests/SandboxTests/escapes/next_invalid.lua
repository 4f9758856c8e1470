-- next with a key that is not there.
-- expect: error

return next({}, 'no such key')
