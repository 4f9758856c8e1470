-- Objects are no functions.
-- expect: error attempt to call a

(...)()
