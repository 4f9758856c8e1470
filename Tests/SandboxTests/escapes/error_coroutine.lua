-- An error of any type.
-- expect: error the error is a thread value

error(coroutine.create(print))
