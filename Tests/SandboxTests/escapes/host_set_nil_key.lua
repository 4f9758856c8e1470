-- Odd keys are refused.
-- expect: error cannot set field

local conn = ... conn[nil] = 1
