-- Unknown methods are named.
-- expect: error connection has no field 'explode'

local conn = ... conn:explode()
