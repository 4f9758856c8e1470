-- A forgotten 'local' before a function raises.
-- expect: error assignment to undeclared variable 'helper'

function helper() end
