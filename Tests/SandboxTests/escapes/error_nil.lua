-- An error of nil.
-- expect: error

error()
