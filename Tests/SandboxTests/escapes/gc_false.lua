-- Even a placeholder would enable one later.
-- expect: error a metatable may not have '__gc'

setmetatable({}, {__gc = false})
