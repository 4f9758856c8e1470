-- An error of any type.
-- expect: error the error is a function value

error(print)
