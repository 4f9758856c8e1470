-- An error of any type.
-- expect: error the error is a userdata value

error(...)
