-- Writing an undeclared global raises.
-- expect: error assignment to undeclared variable 'leak'

leak = 1
