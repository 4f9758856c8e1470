-- Reading an undeclared global raises.
-- expect: error variable 'undefined_name' is not declared

return undefined_name
